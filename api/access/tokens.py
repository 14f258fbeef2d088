"""Bearer tokens of an OpenID Connect issuer: signed by its keys, for us, not yet over."""

import hashlib
from pathlib import Path
from typing import Any

import jwt

from api.access.roles import Role, Who
from api.errors import Problem
from api.settings import Settings

# Signed with a private key only: with a shared secret, whoever can check a token could also make one.
_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_UNKNOWN = 401


class Tokens:
    """Reads the tokens of one issuer.

    Parameters
    ----------
    settings
        Its name, its public keys, and the claim that holds `{"role": …, "scope": …}`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: tuple[float, dict[str, jwt.PyJWK]] = (0.0, {})

    def owner(self, token: str) -> Who:
        """Return who shows a token.

        Raises
        ------
        Problem
            401 where it is not signed by the issuer, not for us, over, or names no role.
        """
        if self._settings.oidc_issuer is None or self._settings.oidc_keys is None:
            raise _refused("tokens are not taken here: use an API key")
        try:
            key = self._keys(self._settings.oidc_keys)[str(jwt.get_unverified_header(token).get("kid"))]
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._settings.oidc_audience,
                issuer=self._settings.oidc_issuer,
                leeway=30,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            return _who(claims, claims.get(self._settings.oidc_roles))
        # The rest is what readers raise for numbers without end, JSON that is too deep, and keys that are not there.
        except (jwt.PyJWTError, LookupError, ValueError, TypeError, OverflowError, RecursionError, OSError) as error:
            raise _refused("the token is not valid here") from error

    def _keys(self, path: Path) -> dict[str, jwt.PyJWK]:
        """Return the issuer's public keys by name; the file is read again when it changes."""
        changed = path.stat().st_mtime
        if self._read[0] != changed:
            made = jwt.PyJWKSet.from_json(path.read_text()).keys  # without those of kinds that nobody here knows
            self._read = changed, {str(key.key_id): key for key in made if key.algorithm_name in _ALGORITHMS}
        return self._read[1]


def _who(claims: dict[str, Any], given: Any) -> Who:  # noqa: ANN401 (whatever the issuer says there)
    code = _code(claims["sub"])
    if given is None:
        return Who(code)
    if not isinstance(given, dict):
        raise TypeError("the claim is no object")
    scope = given.get("scope")
    return Who(code, Role(given["role"]), None if scope is None else str(scope))


def _code(subject: str) -> str:
    """Return a code that stands for a subject alone: that may name a person, or be the code of somebody's key."""
    if not subject:
        raise ValueError("the subject is empty")
    return f"sub-{hashlib.sha256(subject.encode()).hexdigest()[:36]}"


def _refused(detail: str) -> Problem:
    return Problem(_UNKNOWN, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})

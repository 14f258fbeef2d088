"""Bearer tokens of an OpenID Connect issuer: signed by its keys, for us, not yet over."""

import json
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
        except (jwt.PyJWTError, LookupError, ValueError, TypeError) as error:
            raise _refused("the token is not valid here") from error

    def _keys(self, path: Path) -> dict[str, jwt.PyJWK]:
        """Return the issuer's public keys by name; the file is read again when it changes."""
        changed = path.stat().st_mtime
        if self._read[0] != changed:
            made = [jwt.PyJWK(each) for each in json.loads(path.read_text())["keys"]]
            self._read = changed, {str(key.key_id): key for key in made if key.algorithm_name in _ALGORITHMS}
        return self._read[1]


def _who(claims: dict[str, Any], given: dict[str, Any] | None) -> Who:
    if given is None:
        return Who(str(claims["sub"])[:40], Role.RESIDENT)
    scope = given.get("scope")
    return Who(str(claims["sub"])[:40], Role(given["role"]), None if scope is None else str(scope))


def _refused(detail: str) -> Problem:
    return Problem(_UNKNOWN, detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'})

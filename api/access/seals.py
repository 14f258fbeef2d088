"""What only this service can make and open: sealed contacts, and receipts that show who reported a case."""

import base64
import contextlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gis.errors import InputError

_KEY_BYTES, _NONCE_BYTES, _RECEIPT_BYTES = 32, 12, 15


class Seals:
    """Seals with a key that is kept apart from the database: a copy of that alone says nothing.

    Parameters
    ----------
    path
        File of the key; made where it is missing, for its owner only.

    Raises
    ------
    InputError
        Where the file is no key, or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._key = _read(path)
        except OSError as error:
            raise InputError(f"{path}: the key cannot be read or made: {error.strerror}") from error
        if len(self._key) != _KEY_BYTES:
            raise InputError(f"{path}: not a key: let it be made, or write {_KEY_BYTES} random bytes in base64")
        self._cipher = AESGCM(self._key)

    def seal(self, said: str, about: str) -> bytes:
        """Seal a text so that it opens for what it is about only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, said.encode(), about.encode())

    def open(self, sealed: bytes, about: str) -> str:
        """Open a sealed text.

        Raises
        ------
        InputError
            Where it was sealed with another key, for something else, or was changed.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode()).decode()
        except InvalidTag as error:
            raise InputError("the contact cannot be opened with this key") from error

    def receipt(self, case_id: str) -> str:
        """Return what a reporter shows to read the own case: it follows from the key, and is kept nowhere."""
        return base64.b32encode(
            hmac.digest(self._key, f"receipt {case_id}".encode(), "sha256")[:_RECEIPT_BYTES]
        ).decode()

    def is_receipt(self, said: str, case_id: str) -> bool:
        """Say whether a receipt is that of a case."""
        return hmac.compare_digest(said.encode(), self.receipt(case_id).encode())


def _read(path: Path) -> bytes:
    if not path.exists():
        # Whole before it has its name, for several may begin together; made for its owner only.
        handle, made = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        Path(made).unlink()
    try:
        return base64.b64decode(path.read_bytes())
    except ValueError:
        return b""

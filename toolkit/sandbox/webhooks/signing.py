"""The emulator's own key pairs, in place of the vendor's: a signature by them is never HighLevel's."""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CURRENT_HEADER: Final = "X-GHL-Signature"
LEGACY_HEADER: Final = "X-WH-Signature"
# Seen in place of a signature (third-party reports, read 2026-11).
NO_SIGNATURE: Final = "N/A"
# The vendor's legacy key has 4096 bits; making such a key takes seconds, and its size decides nothing.
_RSA_BITS: Final = 2048


class Signature(StrEnum):
    """Which headers a delivery carries: the current one, the legacy one, or both."""

    ED25519 = "ed25519"
    RSA = "rsa"
    BOTH = "both"


class Signer:
    """Signs raw bodies. The same seed gives the same Ed25519 key; the RSA key lives in this process.

    Args:
        seed: Of the sandbox.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @property
    def public_key_pem(self) -> str:
        """The Ed25519 key to verify the current header with, as PEM (SPKI)."""
        return _to_pem(_ed25519_key(self._seed))

    @property
    def legacy_public_key_pem(self) -> str:
        """The RSA key to verify the legacy header with, as PEM (SPKI); made when first asked for."""
        return _to_pem(_rsa_key(self._seed))

    def headers(
        self, body: bytes, style: Signature, *, is_unsigned: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """The signature headers of a body.

        Args:
            body: Exactly the bytes that are sent.
            style: Which headers.
            is_unsigned: Whether the current header holds `N/A` in place of a signature.
        """
        headers = []
        if style is not Signature.RSA:
            current = NO_SIGNATURE if is_unsigned else self._sign_ed25519(body)
            headers.append((CURRENT_HEADER, current))
        if style is not Signature.ED25519:
            headers.append((LEGACY_HEADER, self._sign_rsa(body)))
        return tuple(headers)

    def _sign_ed25519(self, body: bytes) -> str:
        return base64.b64encode(_ed25519_key(self._seed).sign(body)).decode()

    def _sign_rsa(self, body: bytes) -> str:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        return base64.b64encode(_rsa_key(self._seed).sign(body, PKCS1v15(), SHA256())).decode()


@lru_cache(maxsize=16)
def _ed25519_key(seed: int) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    digest = hashlib.sha256(f"emulated highlevel webhooks {seed}".encode()).digest()
    return Ed25519PrivateKey.from_private_bytes(digest)


@lru_cache(maxsize=16)
def _rsa_key(seed: int) -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    del seed  # names the sandbox the key is kept for
    return generate_private_key(public_exponent=65_537, key_size=_RSA_BITS)


def _to_pem(key: Ed25519PrivateKey | RSAPrivateKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

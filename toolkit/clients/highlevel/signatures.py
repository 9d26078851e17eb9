"""Whether HighLevel sent a webhook: pure functions over the raw body.

One key pair serves every app, so a good signature says *HighLevel sent this*, not *this is
for you*: check the app id and the location id as well.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Final

CURRENT_HEADER: Final = "x-ghl-signature"
LEGACY_HEADER: Final = "x-wh-signature"

# Public keys of the vendor: facts, not secrets. Ed25519 as quoted from its Webhook Integration
# Guide, RSA from the docs repository's WebhookAuthentication page (both read 2026-11).
ED25519_PUBLIC_KEY: Final = b"""-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=
-----END PUBLIC KEY-----
"""
RSA_PUBLIC_KEY: Final = b"""-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAokvo/r9tVgcfZ5DysOSC
Frm602qYV0MaAiNnX9O8KxMbiyRKWeL9JpCpVpt4XHIcBOK4u3cLSqJGOLaPuXw6
dO0t6Q/ZVdAV5Phz+ZtzPL16iCGeK9po6D6JHBpbi989mmzMryUnQJezlYJ3DVfB
csedpinheNnyYeFXolrJvcsjDtfAeRx5ByHQmTnSdFUzuAnC9/GepgLT9SM4nCpv
uxmZMxrJt5Rw+VUaQ9B8JSvbMPpez4peKaJPZHBbU3OdeCVx5klVXXZQGNHOs8gF
3kvoV5rTnXV0IknLBXlcKKAQLZcY/Q9rG6Ifi9c+5vqlvHPCUJFT5XUGG5RKgOKU
J062fRtN+rLYZUV+BjafxQauvC8wSWeYja63VSUruvmNj8xkx2zE/Juc+yjLjTXp
IocmaiFeAO6fUtNjDeFVkhf5LNb59vECyrHD2SQIrhgXpO4Q3dVNA5rw576PwTzN
h/AMfHKIjE4xQA1SZuYJmNnmVZLIZBlQAF9Ntd03rfadZ+yDiOXCCs9FkHibELhC
HULgCsnuDJHcrGNd5/Ddm5hxGQ0ASitgHeMZ0kcIOwKDOzOU53lDza6/Y09T7sYJ
PQe7z0cvj7aE4B+Ax1ZoZGPzpJlZtGXCsu9aTEGEnKzmsFqwcSsnw3JB31IGKAyk
T1hhTiaCeIY/OwwwNUY2yvcCAwEAAQ==
-----END PUBLIC KEY-----
"""


def verify_ed25519(
    body: bytes, signature: str, *, public_keys: Sequence[bytes] = (ED25519_PUBLIC_KEY,)
) -> bool:
    """Whether `signature` (base64) over `body` is by one of `public_keys` (PEM).

    The vendor at times sends the literal `N/A`, which is no signature.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    raw = _decoded(signature)
    for pem in public_keys:
        key = load_pem_public_key(pem)
        if not isinstance(key, Ed25519PublicKey):
            continue
        try:
            key.verify(raw, body)
        except InvalidSignature:
            continue
        return True
    return False


def verify_rsa(
    body: bytes, signature: str, *, public_keys: Sequence[bytes] = (RSA_PUBLIC_KEY,)
) -> bool:
    """The legacy signature: RSA, PKCS#1 v1.5, SHA-256; announced to end in 2026."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    raw = _decoded(signature)
    for pem in public_keys:
        key = load_pem_public_key(pem)
        if not isinstance(key, RSAPublicKey):
            continue
        try:
            key.verify(raw, body, PKCS1v15(), SHA256())
        except InvalidSignature:
            continue
        return True
    return False


def is_signed_by_highlevel(
    body: bytes,
    headers: Mapping[str, str],
    *,
    ed25519_keys: Sequence[bytes] = (ED25519_PUBLIC_KEY,),
    rsa_keys: Sequence[bytes] = (),
) -> bool:
    """Whether a delivery carries a good signature.

    Args:
        body: The bytes as received, before any parsing.
        headers: Of the delivery; names in any case.
        ed25519_keys: PEM keys to accept; several during a key rotation.
        rsa_keys: PEM keys to accept for the legacy header; none by default.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    if verify_ed25519(body, lowered.get(CURRENT_HEADER, ""), public_keys=ed25519_keys):
        return True
    return verify_rsa(body, lowered.get(LEGACY_HEADER, ""), public_keys=rsa_keys)


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""

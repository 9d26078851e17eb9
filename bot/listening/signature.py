"""Is a request Slack's own? Asked before anything else reads it.

The library answers 500 to a time stamp that is no number, and logs the whole body of a
request it refuses; anybody on the internet may send one. So this comes first.
Scheme `v0`: docs.slack.dev, verifying requests from Slack (read 2026-11).
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

_WINDOW_S: Final = 300
_LONGEST_STAMP: Final = 15
_LONGEST_BODY: Final = 2_000_000


def is_signed(secret: str, body: bytes, *, stamp: str, signature: str, now_s: float) -> bool:
    """Whether the signature fits, and was made within the last five minutes.

    Args:
        secret: The app's signing secret; empty signs nothing.
        body: As it came, not decoded.
        stamp: Header `X-Slack-Request-Timestamp`.
        signature: Header `X-Slack-Signature`.
        now_s: Unix time.
    """
    is_number = stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_STAMP
    if not secret or not is_number or len(body) > _LONGEST_BODY:
        return False
    if abs(now_s - int(stamp)) > _WINDOW_S:
        return False
    signed = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return hmac.compare_digest(
        f"v0={signed.hexdigest()}".encode(), signature.encode("utf-8", "replace")
    )

"""The signature on what Slack sends over HTTP (version `v0`)."""

from __future__ import annotations

import hashlib
import hmac


def sign(secret: str, body: bytes, *, at_s: int) -> tuple[tuple[str, str], ...]:
    """The two headers that let an app believe a request.

    Args:
        secret: The app's signing secret.
        body: Exactly the bytes that are sent.
        at_s: Unix time; apps refuse what is older than five minutes.
    """
    text = b"v0:%d:%s" % (at_s, body)
    digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return (
        ("X-Slack-Request-Timestamp", str(at_s)),
        ("X-Slack-Signature", f"v0={digest}"),
    )

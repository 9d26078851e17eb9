"""What every TimeTonic answer is wrapped in, and the texts of its refusals."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from toolkit.sandbox.timetonic.variant import Variant

BUILD = "live-6.49q/6.49"

# Only three of these texts are the vendor's own (invalid appkey, invalid login/pwd, Deadlock);
# the rest is unpublished, so clients may match on nothing but a pattern they can configure.
ERRORS: Mapping[str, tuple[str, str]] = {
    "invalid_appkey": ("91", "apiProcess91: invalid appkey"),
    "invalid_login": ("92", "apiProcess92: invalid login/pwd"),
    "invalid_oauthkey": ("93", "apiProcess93: invalid oauthkey"),
    "two_factor": ("94", "apiProcess94: oauth login needs a second factor"),
    "dead_session": ("12", "apiProcess12: invalid sesskey"),
    "restricted": ("13", "apiProcess13: no right: this key is restricted"),
    "no_api_right": ("14", "apiProcess14: no right to use the API on this book"),
    "no_access": ("15", "apiProcess15: no right on this book"),
    "unknown_function": ("20", "apiProcess20: unknown function"),
    "not_implemented": ("21", "apiProcess21: function not implemented"),
    "json_body": ("22", "apiProcess22: send form parameters, a JSON body is not read"),
    "missing_argument": ("30", "apiProcess30: missing or unreadable argument"),
    "unknown_book": ("40", "apiProcess40: book not found"),
    "unknown_table": ("41", "apiProcess41: table not found"),
    "unknown_row": ("42", "apiProcess42: row not found"),
    "unknown_field": ("43", "apiProcess43: field not found in this table"),
    "unknown_view": ("44", "apiProcess44: view not found"),
    "unknown_comment": ("45", "apiProcess45: comment not found"),
    "unknown_message": ("46", "apiProcess46: message not found"),
    "unknown_label": ("47", "apiProcess47: no linked row with this label"),
    "read_only_field": ("50", "apiProcess50: field is read only"),
    "bad_value": ("51", "apiProcess51: value does not fit its field"),
    "not_in_list": ("52", "apiProcess52: value is not in the strict list"),
    "two_tables": ("53", "apiProcess53: fields of several tables in one call"),
    "too_many_rows": ("54", "apiProcess54: too many rows in one call"),
    "bad_filter": ("55", "apiProcess55: filter predicate or operator is not supported"),
    "deadlock": (
        "60",
        "SQLSTATE[40001]: 1213 Deadlock found when trying to get lock; try restarting transaction",
    ),
    "quota": ("70", "apiProcess70: monthly API call limit reached"),
}


class RefusalError(Exception):
    """A call the emulated server answers with `nok`; never leaves the emulator.

    Args:
        name: Key of `ERRORS`.
        detail: An id or argument name added to the text; never a customer's value.
    """

    def __init__(self, name: str, detail: object = "") -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail


def accepted(req: str, payload: Mapping[str, object]) -> dict[str, object]:
    """The answer to a call that went well; `payload` may bring its own `sstamp`."""
    return {"status": "ok", **payload, **_signature(req)}


def refused(req: str, refusal: RefusalError, variant: Variant) -> dict[str, object]:
    """The answer to a call that did not: published answers use all three error keys."""
    code, text = ERRORS[refusal.name]
    text = (variant.error_texts or {}).get(refusal.name, text)
    if refusal.detail != "":
        text = f"{text} ({refusal.detail})"
    said = {"errorCode": code, "errorMsg": text, "error": text}
    return {"status": "nok", **said, **_signature(req)}


def _signature(req: str) -> dict[str, object]:
    return {"createdVNB": BUILD, "req": req, "transactionId": uuid.uuid4().hex}


def to_bytes(answer: Mapping[str, object]) -> bytes:
    r"""JSON as PHP writes it: ASCII, every slash as `\/`."""
    text = json.dumps(answer, separators=(",", ":"))
    return text.replace("/", "\\/").encode("ascii")

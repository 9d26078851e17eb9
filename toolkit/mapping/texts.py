"""Texts, e-mail addresses and phone numbers."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

from toolkit.mapping.moments import instant_text
from toolkit.mapping.problems import ConversionProblemError
from toolkit.model.ids import Side
from toolkit.model.values import Value

_TRAILING_BLANKS = re.compile(r"[^\S\n]+$", re.MULTILINE)
# Addresses the full validator is known to accept unchanged; it costs 40 times as much.
_PLAIN_EMAIL = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)(?!.*--)[a-z0-9_+%]+(?:[.-][a-z0-9_+%]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\Z"
)
_CACHED_NUMBERS = 65_536


def normal_text(raw: str) -> str:
    r"""NFC, `\n` line ends, no blanks at line ends, none around the whole, no NUL.

    Raises:
        ConversionProblemError: Half of a surrogate pair, which no encoding can carry.
    """
    # NUL says nothing to a person, and PostgreSQL text cannot hold it.
    lines = raw.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = unicodedata.normalize("NFC", lines)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ConversionProblemError("the text holds half a character") from error
    return _TRAILING_BLANKS.sub("", text).strip()


def read_text(raw: object) -> str:
    """Any single raw value as normal text.

    Raises:
        ConversionProblemError: The value is a list, a map or a boolean.
    """
    match raw:
        case str():
            return normal_text(raw)
        case bool():
            raise ConversionProblemError("yes or no stands where a text belongs")
        case int():
            return str(raw)
        case float():
            return str(int(raw)) if raw.is_integer() else repr(raw)
        case datetime():
            return instant_text(raw)
        case date():
            return raw.isoformat()
        case [str(single)]:
            return normal_text(single)
        case _:
            raise ConversionProblemError("several values stand where one text belongs")


class TextConverter:
    """Text of one or many lines."""

    blank: Value = None

    def canon(self, _side: Side, raw: object) -> Value:
        """Normal text, or None where nothing is left of it."""
        return read_text(raw) or None

    def render(self, _side: Side, value: Value) -> object:
        """The text as it is."""
        return value


class EmailConverter:
    """E-mail addresses, lower-case; checked by shape, never by asking a name server."""

    blank: Value = None

    def canon(self, _side: Side, raw: object) -> Value:
        """The address in lower case.

        Raises:
            ConversionProblemError: Not an e-mail address.
        """
        text = unicodedata.normalize("NFC", read_text(raw).lower())
        return text if _PLAIN_EMAIL.match(text) else _full_email(text)

    def render(self, _side: Side, value: Value) -> object:
        """The address as it is."""
        return value


def _full_email(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        # Company-internal and reserved domains are people's data too: only the shape counts.
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ConversionProblemError("this is not an e-mail address") from error
    if "." not in checked.domain:
        raise ConversionProblemError("this is not an e-mail address")
    return unicodedata.normalize("NFC", checked.normalized.lower())


class PhoneConverter:
    """Phone numbers in E.164, as HighLevel stores them (marketplace docs, read 2026-11).

    Args:
        region: ISO country for numbers without a country code.
    """

    blank: Value = None

    def __init__(self, region: str) -> None:
        self._region = region

    def canon(self, _side: Side, raw: object) -> Value:
        """The number as `+<country><number>`; an extension is not part of it.

        Raises:
            ConversionProblemError: Not a possible number with its country code, or not a
                number of the region without one.
        """
        return _e164(read_text(raw), self._region)

    def render(self, _side: Side, value: Value) -> object:
        """The number as it is."""
        return value


@lru_cache(_CACHED_NUMBERS)
def _e164(text: str, region: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException as error:
        raise ConversionProblemError("this is not a phone number") from error
    # "Possible" and not "valid": numbering plans grow faster than the library's tables.
    if not phonenumbers.is_possible_number(number):
        raise ConversionProblemError("this is not a phone number")
    # Where the country is our guess, a number its plan does not know is more likely another
    # country's: written with our code it could be a stranger's.
    is_guessed = number.country_code_source in (
        phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY,
        phonenumbers.CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN,
    )
    if is_guessed and not phonenumbers.is_valid_number(number):
        raise ConversionProblemError(
            f"this is no phone number of {region}; write it with + and its country code"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

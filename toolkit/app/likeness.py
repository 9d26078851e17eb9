"""How alike two contacts are, and why: pure, on values both sides agreed on.

A score runs from 0 to 100. Each piece of evidence has a weight, the chance in per cent that
two contacts that share it are one person; several add up as independent chances do, so two
of 80 make 96. Evidence against (two different e-mails) is no proof of two people, but weakens
what names and companies suggest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from unicodedata import combining, normalize

from toolkit.model.values import Values

SAME_EMAIL: Final = 95
SAME_MAILBOX: Final = 85
SAME_PHONE: Final = 60
ALIKE_NAME: Final = 65
"""Of one name at one company, at full likeness."""
PHONE_AND_NAME: Final = 80
"""Of a like name beside the same phone: colleagues share a phone, and seldom a name."""
_LEAST_ALIKE: Final = 0.84
_DOUBT: Final = 0.7
"""What is left of weak evidence where both have an e-mail, and not the same."""

_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})
_FORMS = (
    "ab ag as bv co company corp corporation gmbh inc incorporated limited llc llp ltd nv oy"
    " plc pty sa sarl sas sl spa srl the"
)
_LEGAL_FORMS: Final = frozenset(_FORMS.split())
_APOSTROPHES: Final = str.maketrans("", "", "'\u2019")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason why two contacts may be one person.

    Attributes:
        weight: 0 to 100.
        reason: In words; holds no value of either contact.
    """

    weight: int
    reason: str


@dataclass(frozen=True, slots=True)
class Portrait:
    """A contact as it is compared: spelling that says nothing is taken away.

    Attributes:
        email: As it is stored; empty where there is none.
        mailbox: The e-mail without what the mailbox ignores.
        name: Words of the name in order of the alphabet.
        company: Words of the company without its legal form.
    """

    email: str
    mailbox: str
    phone: str
    name: tuple[str, ...]
    company: tuple[str, ...]

    @classmethod
    def of(cls, values: Values) -> Portrait:
        """From a contact's values, by their neutral names."""
        email = _text(values, "email").lower()
        return cls(
            email,
            mailbox_of(email),
            _text(values, "phone"),
            tuple(sorted(_words(_text(values, "name")))),
            tuple(
                each for each in _words(_text(values, "company")) if each not in _LEGAL_FORMS
            ),
        )

    def blocks(self) -> Iterator[tuple[str, ...]]:
        """Keys of which two contacts must share one to be compared at all."""
        if self.mailbox:
            yield "mailbox", self.mailbox
        if self.phone:
            yield "phone", self.phone
        if self.company and self.name:
            for word in self.name:
                if len(word) > 1:
                    yield "name", *self.company, "", word
            # A slip in every word of the name leaves its first letters.
            yield "letters", *self.company, "", *(word[0] for word in self.name)


def mailbox_of(email: str) -> str:
    """An e-mail without the `+word` that mail servers ignore, and Gmail's dots."""
    local, at, domain = email.lower().rpartition("@")
    if not at:
        return ""
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}" if local else ""


def compare(one: Portrait, two: Portrait) -> tuple[Evidence, ...]:
    """Why two contacts may be one; empty where nothing says so."""
    return tuple(_evidence(one, two))


def score_of(evidence: Iterable[Evidence]) -> int:
    """The pieces as one chance in per cent, rounded down: 100 is never reached."""
    doubt = 1.0
    for each in evidence:
        doubt *= 1 - each.weight / 100
    return int(100 * (1 - doubt) + 1e-9)


def _evidence(one: Portrait, two: Portrait) -> Iterator[Evidence]:
    likeness = name_likeness(one.name, two.name)
    is_alike = likeness >= _LEAST_ALIKE
    is_doubted = bool(one.mailbox and two.mailbox) and one.mailbox != two.mailbox
    if one.email and one.email == two.email:
        yield Evidence(SAME_EMAIL, "the same e-mail")
    elif one.mailbox and one.mailbox == two.mailbox:
        yield Evidence(SAME_MAILBOX, "e-mails of one mailbox")
    if one.phone and one.phone == two.phone:
        yield _weak(SAME_PHONE, "the same phone", is_doubted=is_doubted and not is_alike)
        if is_alike:
            yield Evidence(PHONE_AND_NAME, "a like name on that phone")
    if is_alike and one.company and one.company == two.company:
        weight = int(ALIKE_NAME * likeness)
        yield _weak(weight, "a like name at one company", is_doubted=is_doubted)


def _weak(weight: int, reason: str, *, is_doubted: bool) -> Evidence:
    if not is_doubted:
        return Evidence(weight, reason)
    return Evidence(int(weight * _DOUBT), f"{reason}, but another e-mail")


def name_likeness(one: tuple[str, ...], two: tuple[str, ...]) -> float:
    """0 to 1: how alike two names are, whatever the order of their words.

    An initial that stands for a word counts nearly as the word itself.
    """
    if not one or not two:
        return 0.0
    if one == two:
        return 1.0
    if _is_abbreviated(one, two) or _is_abbreviated(two, one):
        return 0.9
    matcher = SequenceMatcher(None, " ".join(one), " ".join(two), autojunk=False)
    if matcher.real_quick_ratio() < _LEAST_ALIKE or matcher.quick_ratio() < _LEAST_ALIKE:
        return 0.0
    return matcher.ratio()


def _is_abbreviated(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """`J Doe` for `Jane Doe`: the same words but for initials, and one word at least whole."""
    initials = [each for each in short if len(each) == 1]
    whole = [each for each in short if len(each) > 1]
    rest = [each for each in long if each not in whole]
    if not initials or not whole or len(short) != len(long) or len(rest) != len(initials):
        return False
    return sorted(initials) == sorted(each[0] for each in rest)


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _words(text: str) -> list[str]:
    """Words in lower case without accents; `&` and points fall away."""
    plain = "".join(each for each in normalize("NFKD", text.casefold()) if not combining(each))
    return _WORD.findall(plain.translate(_APOSTROPHES))

"""Short answers: it worked, it was refused, it failed, it was not understood, help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.parse import COMMANDS, Command, Misread
from bot.views.blocks import (
    Message,
    actions,
    button,
    context,
    header,
    lines,
    message,
    rich,
    section,
)
from bot.words import Markup, coded, escaped
from toolkit.errors import HightonicError, VendorError

if TYPE_CHECKING:
    from bot.words import Voice
    from toolkit.model.chat_people import Role

COMMAND = "/hightonic"


def saved(voice: Voice, what: str, *, undo: str = "", url: str = "") -> Message:
    """One line, where to look, and for ten minutes the way back.

    Args:
        voice: The reader's.
        what: The outcome, a sentence.
        undo: Id of the write that `Undo` takes back; empty for none.
        url: Where the record can be opened; empty for nowhere.
    """
    take_back = button(voice.tell("button.undo"), "write.undo", value=undo) if undo else None
    look = button(voice.tell("button.open"), "open.record", url=url) if url else None
    if take_back is None and look is None:
        return message(voice, what, [section(what)])
    return message(voice, what, [section(what), actions(look, take_back)])


def failed(voice: Voice, error: HightonicError) -> Message:
    """What happened, what was not changed, what to do, and a reference."""
    sentence = failure(voice, error)
    return message(voice, sentence, [section(sentence), context(reference(voice, error))])


def failure(voice: Voice, error: HightonicError) -> Markup:
    """An error in the reader's language.

    The error's own words are English; in other languages its class speaks, which is what
    says what to do next.
    """
    if voice.language == "en" or isinstance(error, VendorError):
        system = error.system if isinstance(error, VendorError) else ""
        name = _known_class(voice, error)
        if voice.language != "en":
            return voice.say(f"error.{name}", system=_label(system))
        parts = (error.happened, error.unchanged or voice.tell("error.unchanged"), error.remedy)
        return Markup(" ".join(coded(_ended(part)) for part in parts if part))
    return voice.say(f"error.{_known_class(voice, error)}", system="")


def reference(voice: Voice, error: HightonicError) -> Markup:
    """The id under which the log tells more."""
    return voice.say("error.reference", reference=error.reference)


def _known_class(voice: Voice, error: HightonicError) -> str:
    """The nearest class of the tree that has a sentence."""
    names = [each.__name__ for each in type(error).__mro__]
    return next(name for name in names if voice.knows(f"error.{name}"))


def _label(system: str) -> str:
    return {"highlevel": "HighLevel", "timetonic": "TimeTonic"}.get(system, system)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def misread(voice: Voice, text: str, problem: Misread) -> Message:
    """What was not understood, with a caret under the place, and what may have been meant."""
    sentence = voice.say(f"misread.{problem.trouble.value}", **_troubled(problem))
    blocks = [section(sentence), rich(_pointed(text, problem), is_code=True)]
    if problem.suggestions:
        meant = ", ".join(f"{COMMAND} {each}" for each in problem.suggestions)
        blocks.append(context(voice.say("misread.did_you_mean", known=meant)))
    if problem.usage:
        blocks.append(context(voice.say("misread.usage", usage=f"{COMMAND} {problem.usage}")))
    ask = button(voice.tell("button.help"), "help.open", value=problem.usage[:200])
    return message(voice, sentence, [*blocks, actions(ask)])


def misread_plain(voice: Voice, problem: Misread) -> str:
    """The same in a sentence, for a field of a form."""
    return voice.tell(f"misread.{problem.trouble.value}", **_troubled(problem))


def _troubled(problem: Misread) -> dict[str, Any]:
    known = ", ".join(problem.suggestions)
    return {"word": problem.word, "expected": problem.expected, "known": known}


def _pointed(text: str, problem: Misread) -> str:
    line, caret = problem.pointed(text).splitlines() if text.strip() else ("", "^")
    return f"{COMMAND} {line}\n{' ' * (len(COMMAND) + 1)}{caret}"


def denied(
    voice: Voice, rule: str, *, role: Role | None = None, reference: str = ""
) -> Message:
    """Why somebody may not, by the rule's name, and who may."""
    needed = voice.tell(f"role.{role.word}") if role else ""
    said = voice.say(f"denied.{rule}", role=needed)
    unchanged = voice.say("error.unchanged")
    under = voice.say("denied.rule", rule=rule, reference=reference or BLANK_REFERENCE)
    blocks = [section(lines(said, unchanged)), context(under)]
    if rule == "unlinked":
        link = button(voice.tell("button.link"), "me.link", style="primary")
        blocks.append(actions(link))
    return message(voice, lines(said, unchanged), blocks)


BLANK_REFERENCE = "\u2013"


def helped(voice: Voice, role: Role, *, object_: str = "") -> Message:
    """The commands a person may give: all objects, or one with its examples."""
    may = [each for each in COMMANDS if each.role <= role and each.object != "menu"]
    wanted = [each for each in may if each.object == object_] if object_ else []
    if wanted:
        said = voice.say("help.about", object=object_)
        blocks = [header(f"{COMMAND} {object_}"), *(section(_about(voice, c)) for c in wanted)]
        return message(voice, said, blocks)
    said = voice.say("help.intro", command=COMMAND)
    by_object: dict[str, list[str]] = {each.object: [] for each in may}
    for each in may:
        by_object[each.object].append(each.verb)
    rows = [
        Markup(f"*{name}*  {escaped(', '.join(verbs))}\n{voice.say(f'help.object.{name}')}")
        for name, verbs in by_object.items()
    ]
    blocks = [header(voice.tell("help.title")), section(said), *(section(row) for row in rows)]
    more = context(voice.say("help.more", command=COMMAND), voice.say("help.flags"))
    return message(voice, said, [*blocks, more])


def _about(voice: Voice, command: Command) -> Markup:
    words = voice.say(f"help.{command.object}.{command.verb}")
    usage = escaped(f"{COMMAND} {command.usage}")
    example = escaped(f"{COMMAND} {command.example}")
    tail = voice.say("help.approval") if command.risks else Markup("")
    return lines(Markup(f"*{words}*"), usage, voice.say("help.example", example=example), tail)

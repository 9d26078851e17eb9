"""Automations of a connection: segments, calendar, recipes and rules of `hightonic.yaml`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final

from toolkit.app.config_schema import CalendarSection, ConnectionSection
from toolkit.app.config_source import Place
from toolkit.app.scripting import NO_SCRIPTS, Scripts
from toolkit.errors import ConfigError
from toolkit.mapping.context import Context
from toolkit.mapping.convert import build_converter
from toolkit.mapping.spec import SET_TYPES, FieldMapping, KindMapping
from toolkit.mapping.spec import Mapping as FieldMappings
from toolkit.mapping.suggest import did_you_mean, nearest
from toolkit.model.ids import Kind, Side
from toolkit.model.values import Value
from toolkit.rules.calendar import Calendar, has_holidays, list_countries
from toolkit.rules.conditions import Condition
from toolkit.rules.loops import check_loops
from toolkit.rules.problems import RuleProblemError
from toolkit.rules.reading import Reader
from toolkit.rules.reading_rules import read_rules, read_segments
from toolkit.rules.recipes import read_recipes
from toolkit.rules.spec import Canon, Frame, Rule
from toolkit.rules.words import RULE_KINDS, FieldWord, Shape, Vocabulary

_SHAPES: Final[Mapping[str, Shape]] = {
    "date": Shape.DAY,
    "datetime": Shape.MOMENT,
    "number": Shape.NUMBER,
    "rollup": Shape.NUMBER,
    "boolean": Shape.YES_NO,
    "tags": Shape.TEXTS,
    "multi_choice": Shape.TEXTS,
}
_CHOICES = frozenset({"choice", "multi_choice"})


def _no_turn(_rule: str) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class AutomationSettings:
    """What a connection's rules are, and what they are read with.

    Attributes:
        rules: Recipes' rules first, then the file's own, in its order; also disabled ones.
        words: Every field that rules may name.
        meaning: All of it in plain JSON, for digests: comments and lines are not in it.
    """

    rules: tuple[Rule, ...] = ()
    segments: Mapping[str, Condition] = field(default_factory=dict)
    words: Vocabulary = field(default_factory=Vocabulary)
    calendar: Calendar = field(default_factory=Calendar)
    scripts: Scripts = NO_SCRIPTS
    mapping: FieldMappings = field(default_factory=lambda: FieldMappings({}))
    has_own_zone: bool = False
    meaning: object = None

    def get_rule(self, name: str) -> Rule | None:
        """The rule of that name, where there is one."""
        return next((each for each in self.rules if each.name == name), None)

    def frame(
        self,
        *,
        now: datetime,
        turn: Callable[[str], int] = _no_turn,
        context: Context | None = None,
    ) -> Frame:
        """What `toolkit.rules` wants besides rule, happening and contact.

        Args:
            now: What ages are measured against.
            turn: Rule -> how often its round robin has given something out.
            context: What is known of the location: owners can then be named by e-mail, and
                its time zone counts where the settings name none.
        """
        calendar = self.calendar
        if context is not None and not self.has_own_zone:
            calendar = replace(calendar, zone=context.tz)
        return Frame(
            now=now,
            words=self.words,
            calendar=calendar,
            segments=self.segments,
            functions=self.scripts.functions,
            turn=turn,
            canon=None if context is None else _canon(self.mapping, context),
        )


def build_automation(
    section: ConnectionSection,
    *,
    mapping: FieldMappings,
    scripts: Scripts,
    zone: str | None,
    place: Place,
) -> AutomationSettings:
    """Everything the file says about automations of one connection, checked.

    Args:
        section: What the file says.
        mapping: The connection's mapping, which gives the fields their names.
        scripts: The user's functions.
        zone: IANA zone of the settings; None asks the location.
        place: The connection in the file.

    Raises:
        ConfigError: What is wrong, with line and the nearest right name.
    """
    calendar = _calendar(section.calendar, zone, place.at("calendar"))
    reader = Reader(
        words=vocabulary(mapping),
        segments=frozenset(section.segments),
        conditions=frozenset(scripts.names("condition")),
        actions=frozenset(scripts.names("action")),
        addresses=frozenset(section.addresses),
        calendar=calendar,
        line_of=lambda at: place.at(*at).line,
    )
    try:
        segments = read_segments(section.segments, reader=reader, at=("segments",))
        rules = (
            *read_recipes(section.recipes, reader=reader, at=("recipes",), file=place.file),
            *read_rules(section.rules, reader=reader, at=("rules",), file=place.file),
        )
        _check_names(rules)
        check_loops(rules, words=reader.words, segments=segments)
    except RuleProblemError as error:
        raise _refused(error, place) from error
    return AutomationSettings(
        rules=rules,
        segments=segments,
        words=reader.words,
        calendar=calendar,
        scripts=scripts,
        mapping=mapping,
        has_own_zone=zone is not None,
        meaning=_meaning(section, rules),
    )


def vocabulary(mapping: FieldMappings) -> Vocabulary:
    """The fields of a mapping as rules name them."""
    contact = mapping.kinds.get(Kind.CONTACT)
    tags = () if contact is None else (each for each in contact.fields if each.type == "tags")
    first = next(iter(tags), None)
    return Vocabulary(
        kinds={
            kind: {each.name: _word(each, own) for each in own.fields}
            for kind, own in mapping.kinds.items()
            if kind in RULE_KINDS
        },
        tags=None if first is None else first.name,
        archive_tag="archived" if contact is None else contact.archive_tag,
    )


def _word(field_: FieldMapping, kind: KindMapping) -> FieldWord:
    is_rollup = field_.type == "rollup"
    shown = field_.options.result if field_.is_computed else field_.type
    options: tuple[str, ...] = ()
    if field_.type in _CHOICES and not field_.options.is_open:
        options = tuple(choice.value for choice in field_.options.choices)
    return FieldWord(
        shape=_SHAPES.get(shown, Shape.TEXT),
        is_settable=not (
            is_rollup or field_.is_computed or field_.rides or kind.kind is Kind.APPOINTMENT
        ),
        is_counted=is_rollup or field_.rides,
        options=options,
    )


def _canon(mapping: FieldMappings, context: Context) -> Canon:
    """The mapping's own reading of values: owners by e-mail, phones, options by any case."""

    def read(kind: Kind, name: str, raw: object) -> Value:
        own = mapping.kinds[kind]
        found = own.find_field(name)
        if found is None:
            raise RuleProblemError(f"`{name}` is not a mapped field")
        given = list(raw) if isinstance(raw, tuple) and found.type in SET_TYPES else raw
        # A plain text is how the book shows it; HighLevel's own spellings are its codes.
        return build_converter(found, kind=own, context=context).canon(Side.TIMETONIC, given)

    return read


def _calendar(section: CalendarSection, zone: str | None, place: Place) -> Calendar:
    calendar = Calendar(
        country=section.country,
        subdivision=section.subdivision,
        work_days=frozenset(section.work_days),
        closed=frozenset(
            _day(each, place.at("closed", index)) for index, each in enumerate(section.closed)
        ),
        zone=zone or "UTC",
        day_ends=_clock(section.day_ends, place.at("day_ends")),
    )
    if section.country is None:
        if section.subdivision is not None:
            raise place.at("subdivision").error("a subdivision needs its `country`")
        return calendar
    if not has_holidays(section.country, section.subdivision):
        raise _no_holidays(section.country, section.subdivision or "", place)
    return calendar


def _no_holidays(country: str, subdivision: str, place: Place) -> ConfigError:
    countries = list_countries()
    if country in countries:
        return place.at("subdivision").error(
            f"`{country}` has no subdivision `{subdivision}` with holidays",
            did_you_mean(subdivision, countries[country]),
        )
    near = nearest(country, countries)
    return place.at("country").error(
        f"no holidays are known for the country `{country}`",
        f"Did you mean `{near}`?" if near else "Write its two letters, such as FR or US",
    )


def _day(text: str, place: Place) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise place.error("`closed` names a day there is not", "Write 2026-12-24") from error


def _clock(text: str, place: Place) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError as error:
        raise place.error("`day_ends` must be a time of day", 'Write `"17:00"`') from error


def _check_names(rules: Collection[Rule]) -> None:
    seen: dict[str, Rule] = {}
    for index, rule in enumerate(rules):
        first = seen.setdefault(rule.name, rule)
        if first is not rule:
            raise RuleProblemError(
                f"`{rule.name}` is the name of a rule of the recipe `{first.recipe}`",
                at=("rules", index - sum(bool(each.recipe) for each in rules)),
            )


def _refused(error: RuleProblemError, place: Place) -> ConfigError:
    remedy = error.remedy or (did_you_mean(error.wrong, error.known) if error.known else "")
    return place.at(*error.at).error(error.reason, remedy)


def _meaning(section: ConnectionSection, rules: Collection[Rule]) -> object:
    """Plain JSON of what the rules would do; None where there are none."""
    enabled = [dict(each.source) for each in rules if each.is_enabled]
    if not enabled:
        return None
    return {
        "rules": enabled,
        "segments": section.segments,
        "calendar": section.calendar.model_dump(mode="json"),
        "addresses": {name: each.url for name, each in section.addresses.items()},
    }

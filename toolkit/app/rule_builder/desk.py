"""Rules of one connection as a builder works on them: look, draft, preview, save."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from toolkit.app.config_source import read_text
from toolkit.app.rule_builder.drafts import CheckedRules, RulesDraft, check_rules, draft_of
from toolkit.app.rule_memory import RuleMemory
from toolkit.app.rule_preview import RulePreviewer
from toolkit.app.settings_file import (
    SettingsFile,
    consequence_of,
    open_settings,
    save_settings,
    take_back,
)
from toolkit.app.surroundings import load_surroundings
from toolkit.errors import UseError
from toolkit.model.ids import Kind
from toolkit.model.plan import Create, Update

if TYPE_CHECKING:
    from toolkit.app.config import ConnectionConfig
    from toolkit.app.rule_preview import RulesPreview
    from toolkit.app.wiring import Parts

_LISTED: Final = 100
_MOST: Final = 50_000
"""Contacts a preview asks; enough to be exact, and ended before anybody doubts it."""


@dataclass(frozen=True, slots=True)
class OpenedRules:
    """Rules as they stand.

    Attributes:
        parked: Rule -> the loop it led to, where it rests for that.
        fired: Rule -> how often it has acted or tried to.
    """

    file: SettingsFile
    config: ConnectionConfig
    draft: RulesDraft
    parked: Mapping[str, tuple[str, ...]]
    fired: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom a rule would touch if its moment came now.

    Attributes:
        contacts: How many.
        listed: Name and what would be done, for the first hundred.
        writes: What would be written, in words -> how often.
        problems: Reasons for which it could not be worked out -> how often.
        held: What a brake would hold, a sentence each.
    """

    contacts: int
    listed: tuple[tuple[str, str], ...]
    writes: Mapping[str, int]
    problems: Mapping[str, int]
    held: tuple[str, ...] = ()


class RuleBuilder:
    """Edits the rules of one connection; nothing is written before `save`.

    Args:
        parts: Of the connection; its settings are read from the file anew each time.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def open(self) -> OpenedRules:
        """The rules as the file has them, and how each has fared; calls nobody.

        Raises:
            ConfigError: The file cannot be used.
        """
        parts = self._parts
        file = open_settings(parts.home.config_path, parts.config.name)
        counts = parts.store.count_firings()
        fired: Counter[str] = Counter()
        for (name, _state), count in counts.items():
            fired[name] += count
        parked = RuleMemory(parts.store).parked()
        return OpenedRules(
            file,
            file.config(),
            draft_of(file),
            {name: tuple(each.chain) for name, each in parked.items()},
            fired,
        )

    def check(self, opened: OpenedRules, draft: RulesDraft) -> CheckedRules:
        """Whether the draft can be saved, and why not."""
        return check_rules(opened.file, draft)

    def consequence(self, opened: OpenedRules, checked: CheckedRules) -> str:
        """What saving would do to a connection that writes; empty where nothing."""
        if checked.config is None:
            return ""
        return consequence_of(self._parts, opened.config, checked.config)

    async def preview(self, opened: OpenedRules, draft: RulesDraft, name: str) -> Touched:
        """Whom one rule of a draft would touch if its moment came now; also one that is off.

        Calls nobody where the location was asked within a day. Writes nothing.

        Raises:
            UseError: The draft cannot be read, or has no such rule.
        """
        checked = await asyncio.to_thread(check_rules, opened.file, draft)
        if checked.config is None:
            raise _not_yet(checked)
        rule = checked.config.automation.get_rule(name)
        if rule is None:
            raise UseError(f"There is no rule `{name}`", unchanged="Nothing was changed")
        parts = replace(self._parts, config=checked.config)
        found = await load_surroundings(
            checked.config,
            highlevel=parts.highlevel,
            timetonic=parts.timetonic,
            store=parts.store,
        )
        previewer = RulePreviewer(parts, found.context)
        preview = await asyncio.to_thread(previewer.of, rule, most=_MOST)
        return await asyncio.to_thread(self._touched, preview)

    def save(self, opened: OpenedRules, draft: RulesDraft) -> SettingsFile:
        """Write the draft into the settings file, comments kept; the same again is nothing.

        Raises:
            UseError: It cannot be saved as it is.
            PlanChangedError: Somebody changed the file meanwhile; nothing was written.
            StateError: The disk is full; the file is as it was.
        """
        checked = check_rules(opened.file, draft)
        if checked.config is None:
            raise _not_yet(checked)
        parts = self._parts
        return save_settings(opened.file, checked.text, home=parts.home, at=parts.now())

    def take_back(self) -> SettingsFile:
        """The settings as they were before the last save; again is forth again.

        Raises:
            UseError: Nothing was saved over yet.
            ConfigError: What was kept cannot be used any more.
        """
        parts = self._parts
        file = open_settings(parts.home.config_path, parts.config.name)
        return take_back(file, home=parts.home, at=parts.now())

    def has_changed(self, opened: OpenedRules) -> bool:
        """Whether somebody saved the file since it was opened."""
        return read_text(opened.file.path) != opened.file.text

    def _touched(self, preview: RulesPreview) -> Touched:
        writes: Counter[str] = Counter()
        for op in (*preview.plan.operations, *preview.plan.held):
            # Rules make and set; they delete nothing.
            if isinstance(op, Create):
                writes[f"{op.kind.value} made"] += 1
            elif isinstance(op, Update):
                writes.update(f"{name} set on {op.side.label}" for name in op.after)
        acting = [each for each in preview.firings if not each.problem]
        contacts = list(
            dict.fromkeys(f.happening.contact for f in acting if f.happening.contact)
        )
        listed = []
        for link_id in contacts[:_LISTED]:
            link = self._parts.store.get_link(link_id)
            if link is not None and link.kind is Kind.CONTACT:
                base = link.base
                listed.append((str(base.get("name") or ""), str(base.get("email") or "")))
        return Touched(
            len(contacts),
            tuple(listed),
            writes,
            Counter(each.problem for each in preview.problems),
            tuple(each.reason for each in preview.plan.brakes),
        )


def _not_yet(checked: CheckedRules) -> UseError:
    problem = checked.problem
    said = "" if problem is None else f": {problem.message}"
    return UseError(
        f"These rules cannot be saved as they are{said}",
        unchanged="Nothing was changed",
        remedy="" if problem is None else problem.remedy,
    )

"""The README as its readers see it: blocks, tables, words in code."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

from toolkit.cli.shell import app

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(
    r"^(?:<!-- test: (?P<cue>.*?) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_CODE = re.compile(r"`([^`\n]+)`")
SHARED_OPTIONS = {"--connection", "-c", "--config", "--home", "--json", "--help", "-h"}


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        cue: What an invisible comment above it tells the test; often empty.
        line: Where its text begins, 1-based.
    """

    language: str
    text: str
    cue: str
    line: int


@cache
def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def blocks(language: str | None = None) -> list[Block]:
    found = [
        Block(
            match["language"],
            match["text"],
            match["cue"] or "",
            readme().count("\n", 0, match.start("text")) + 1,
        )
        for match in _BLOCK.finditer(readme())
    ]
    return [block for block in found if language in {None, block.language}]


def block(cue: str) -> Block:
    (found,) = [each for each in blocks() if each.cue == cue]
    return found


def table(*headings: str) -> list[list[str]]:
    """Rows of the one table that has these headings."""
    head = "| " + " | ".join(headings) + " |\n"
    (after,) = readme().split(head)[1:]
    lines = after.split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def code_in(text: str) -> list[str]:
    return _CODE.findall(text)


def prose() -> str:
    """The README without its blocks."""
    return _BLOCK.sub("", readme())


def typed_commands() -> Iterator[list[str]]:
    """Every `hightonic ...` the README shows, in blocks and in sentences, split into words."""
    shown = [
        line
        for each in blocks()
        if each.language in {"sh", "cron"}
        for line in each.text.splitlines()
    ]
    for line in [*shown, *code_in(prose())]:
        for part in re.split(r"&&|\||>>", line):
            _, found, rest = part.partition("hightonic ")
            if found and not _.endswith("/") and not _.strip("*/0123456789 "):
                yield shlex.split(rest)


def slash_commands() -> list[str]:
    """Every line for Slack that the README shows, without the command itself."""
    return [
        span.removeprefix("/hightonic").strip()
        for span in code_in(prose())
        if span.startswith("/hightonic")
    ]


@cache
def public_commands() -> dict[str, set[str]]:
    """Command -> the options of its own, as Typer knows them."""
    return dict(_walk(get_command(app), ""))


def _walk(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    if isinstance(command, typer.core.TyperGroup):
        for word, inner in command.commands.items():
            yield from _walk(inner, f"{name} {word}".strip())
        return
    spelled = {
        spelling
        for parameter in command.params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
        if spelling.startswith("-")
    }
    yield name, spelled - SHARED_OPTIONS


def root_options() -> set[str]:
    """What `hightonic` itself takes."""
    own = {spelling for parameter in get_command(app).params for spelling in parameter.opts}
    return own | SHARED_OPTIONS

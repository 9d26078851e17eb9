from dataclasses import replace

import pytest

from tests.unit.cli.examples import AMBIGUITY, AT, CONFLICT, FINDING, shown
from toolkit.cli.render.conflicts import conflicts_json, render_conflicts, render_findings
from toolkit.model.ids import RunId
from toolkit.store import ConflictEntry, ConflictState

STORED = ConflictEntry(
    id="c1f3",
    conflict=CONFLICT,
    state=ConflictState.OPEN,
    run_id=RunId("r1"),
    opened_at=AT,
    resolution=None,
    chosen_by="",
)


def test_conflict_stands_side_by_side_with_the_command_that_decides_it():
    text = shown(render_conflicts([STORED]))

    assert "c1f3  contact  name   Ada L.          Ada Byron       Ada" in text
    assert "hightonic resolve c1f3 --keep highlevel" in text


def test_no_conflict_is_a_sentence():
    assert shown(render_conflicts([])) == "No conflict waits for you.\n"


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (FINDING, ["TimeTonic 88", "phone: this is not a phone number"]),
        (replace(FINDING, field=""), ["  this is not a phone number"]),
        (AMBIGUITY, ["HighLevel hl7, hl8; TimeTonic 77", "two contacts share this e-mail"]),
        (replace(AMBIGUITY, timetonic_ids=()), ["TimeTonic -"]),
    ],
)
def test_left_alone_says_where_and_why(finding, words):
    text = shown(render_findings([finding]))

    assert "1 case left alone" in text
    assert [word for word in words if word not in text] == []


def test_nothing_left_alone_takes_no_line():
    assert shown(render_findings([])) == ""


def test_json_holds_both_values_and_both_lists():
    shown_json = conflicts_json([STORED], [FINDING, AMBIGUITY])

    assert shown_json["conflicts"][0] == {
        "id": "c1f3",
        "kind": "contact",
        "field": "name",
        "highlevel_id": "hl6",
        "timetonic_id": "66",
        "highlevel": "Ada L.",
        "timetonic": "Ada Byron",
        "base": "Ada",
    }
    assert [finding["ids"] for finding in shown_json["findings"]] == [
        {"timetonic": ["88"]},
        {"highlevel": ["hl7", "hl8"], "timetonic": ["77"]},
    ]

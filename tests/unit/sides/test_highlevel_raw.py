"""Raw values into HighLevel's writes: what is left out, cleared, or not possible."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from toolkit.errors import UseError
from toolkit.sides.highlevel_raw import contact_write, note_write, task_write


@pytest.mark.parametrize(
    ("raw", "is_new", "sent"),
    [
        ({"firstName": "Ann", "email": None}, True, {"first_name": "Ann"}),
        ({"firstName": "Ann", "email": None}, False, {"first_name": "Ann", "email": ""}),
        ({"assignedTo": None}, False, {"owner_id": None}),
        ({"tags": None}, False, {"tags": ()}),
        ({"tags": ["a"]}, False, {"tags": ("a",)}),
        ({"unheard_of": "x"}, False, {}),
    ],
)
def test_contact_write_names_only_what_changes(
    raw: dict[str, Any], is_new: bool, sent: dict[str, Any]
) -> None:
    written = contact_write(raw, is_new=is_new).model_dump(exclude_unset=True)

    assert written == sent


def test_custom_fields_go_by_their_key() -> None:
    written = contact_write({"custom.plan": "Pro", "custom.last_contacted": None})

    assert written.model_dump(exclude_unset=True) == {
        "custom_fields": {"plan": "Pro", "last_contacted": None}
    }


@pytest.mark.parametrize(
    ("raw", "is_new", "sent"),
    [
        (
            {"title": "call", "dueDate": "2026-03-05T10:00:00+00:00", "body": None},
            True,
            {
                "is_completed": False,
                "title": "call",
                "due_at": "2026-03-05T10:00:00.000Z",
            },
        ),
        ({"body": None}, False, {"body": ""}),
        ({"completed": True}, False, {"is_completed": True}),
        ({"dueDate": date(2026, 3, 5), "title": "x"}, False, {"title": "x"}),
    ],
)
def test_task_write(raw: dict[str, Any], is_new: bool, sent: dict[str, Any]) -> None:
    assert task_write(raw, is_new=is_new).model_dump(exclude_unset=True) == sent


def test_task_keeps_its_due_date() -> None:
    with pytest.raises(UseError, match="due date"):
        task_write({"dueDate": None})


def test_note_write_clears_with_the_empty_text() -> None:
    written = note_write({"body": "x", "title": None})

    assert written.model_dump(exclude_unset=True) == {"body": "x", "title": ""}

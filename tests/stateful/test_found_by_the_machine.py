"""What the state machine found, each as the shortest story that showed it.

A story is a list of the machine's own steps; it ends, as the machine does, with everything
healed, brought to rest and heard by the witness.
"""

import pytest

from tests.stateful.test_sync_machine import SyncMachine
from toolkit.model.ids import Kind, Side
from toolkit.sandbox.faults import FaultKind

HIGH, TIME = Side.HIGHLEVEL, Side.TIMETONIC
CONTACT, TASK, NOTE = Kind.CONTACT, Kind.TASK, Kind.NOTE


def step(name, /, **arguments):
    return name, arguments


def sync(*, is_full=False, all_notes=True):
    return step("sync", is_full=is_full, all_notes=all_notes)


STORIES = {
    "preview_wakes_no_resting_pair": [
        step("begin", deletes="unlink"),
        sync(),
        step("rename_email_to_another_s", pick=0, other=1),
        sync(),
        step("wait", seconds=86_401.0),
        step("preview_then_sync", all_notes=False),
    ],
    "undo_spares_a_contact_that_got_a_note_since": [
        step("begin", deletes="unlink"),
        sync(),
        step("create_child", side=HIGH, is_task=False, pick=0),
        step("create_child", side=HIGH, is_task=False, pick=1),
        step("undo_the_last_run"),
    ],
    "deletion_spares_a_contact_with_a_note_nobody_has_read": [
        step("begin", deletes="delete"),
        sync(),
        step("create_child", side=HIGH, is_task=False, pick=0),
        step("create_child", side=HIGH, is_task=False, pick=1),
        step("delete", side=TIME, kind=CONTACT, pick=0),
        sync(all_notes=False),
    ],
    "undo_whose_answer_was_lost_deletes_no_original": [
        step("begin", deletes="delete"),
        sync(),
        step("break_next_call", kind=FaultKind.REFUSED_BUT_CREATED, side=TIME, nth=1,
             writes_only=True),
        step("undo_the_last_run"),
        step("heal"),
    ],
    "undo_cut_off_at_a_deletion_deletes_no_original": [
        step("begin", deletes="delete"),
        sync(),
        step("break_next_call", kind=FaultKind.CUT_AFTER, side=TIME, nth=1, writes_only=True),
        step("break_next_call", kind=FaultKind.CUT_AFTER, side=HIGH, nth=1, writes_only=True),
        step("undo_the_last_run"),
        step("heal"),
    ],
    "refused_create_gives_way_to_the_pair_found_later": [
        step("begin", deletes="unlink"),
        step("fall_behind", seconds=30.0),
        step("create_contact_on_both_sides", is_task=True),
        sync(is_full=True),
    ],
    "note_is_read_again_before_it_is_written": [
        step("begin", deletes="unlink"),
        step("create_child", side=TIME, is_task=False, pick=1),
        sync(),
        sync(),
        step("edit_the_same_field_on_both_sides", kind=NOTE, pick=0, choice=0),
        sync(is_full=True, all_notes=False),
    ],
    "row_under_a_known_stamp_is_read": [
        step("begin", deletes="unlink"),
        step("create_contact_on_both_sides", is_task=False),
        step("fall_behind", seconds=5.0),
        step("wait", seconds=40.0),
        step("blank", side=HIGH, pick=2, name="email"),
        step("blank", side=HIGH, pick=1, name="email"),
        step("blank", side=HIGH, pick=0, name="email"),
        sync(),
    ],
    "losing_value_is_journalled_though_its_winner_was_refused": [
        step("begin", deletes="delete"),
        sync(),
        step("break_next_call", kind=FaultKind.REFUSED_BUT_CREATED, side=TIME, nth=1,
             writes_only=True),
        step("create_contact_on_both_sides", is_task=True),
        sync(),
    ],
    "losing_value_is_journalled_though_the_process_died": [
        step("begin", deletes="unlink"),
        sync(),
        step("edit_the_same_field_on_both_sides", kind=CONTACT, pick=0, choice=2),
        step("crash", place="written", nth=1),
    ],
    "deleted_contact_that_lingers_in_the_index_is_no_new_one": [
        step("begin", deletes="unlink"),
        sync(),
        step("fall_behind", seconds=30.0),
        step("undo_the_last_run"),
        step("undo_the_last_run"),
        step("blank", side=HIGH, pick=0, name="email"),
        step("blank", side=HIGH, pick=1, name="email"),
        sync(),
        sync(),
    ],
    "refused_re_creation_is_tried_again_under_its_name": [
        step("begin", deletes="delete"),
        sync(),
        step("rename_email_to_another_s", pick=0, other=1),
        step("rename_email_to_another_s", pick=1, other=0),
        step("delete", side=HIGH, kind=CONTACT, pick=0),
        sync(),
        step("wait", seconds=86_401.0),
        sync(),
    ],
    "tasks_and_notes_come_back_with_their_contact": [
        step("begin", deletes="delete"),
        step("create_child", side=TIME, is_task=True, pick=0),
        step("create_child", side=TIME, is_task=False, pick=0),
        sync(),
        step("edit", side=TIME, kind=CONTACT, pick=0, fields=[0]),
        step("edit", side=TIME, kind=CONTACT, pick=1, fields=[0]),
        step("delete", side=HIGH, kind=CONTACT, pick=0),
        step("break_next_call", kind=FaultKind.UNAVAILABLE_BEFORE, side=HIGH, nth=1,
             writes_only=True),
        sync(),
        step("heal"),
    ],
    "undo_spares_a_record_whose_blank_field_was_filled_since": [
        step("begin", deletes="delete"),
        step("create_contact", side=HIGH, is_blank=True),
        sync(is_full=True),
        step("rename_email_to_another_s", pick=2, other=1),
        step("undo_the_last_run"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_story_ends_well(story):
    machine = SyncMachine()
    try:
        for name, arguments in STORIES[story]:
            getattr(machine, name)(**arguments)
            machine.nothing_is_doubled_or_made_up()
    except BaseException:
        machine.world.close()
        raise
    machine.teardown()

"""`hightonic.yaml`: what it may say, and the one sentence for everything it may not."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from toolkit.app import config_source
from toolkit.app.config import Config, ConnectionConfig, load_config, read_config
from toolkit.app.config_writing import NewConnection, add_connection, new_config_text
from toolkit.errors import ConfigError, StateError, UseError
from toolkit.mapping.check import check_against
from toolkit.mapping.spec import Choice
from toolkit.model.ids import Kind, Side
from toolkit.model.policy import ConflictPolicy, DeleteMode, Direction

PATH = Path("hightonic.yaml")
HEAD = """\
version: 1
connections:
  main:
    highlevel: {location_id: loc}
    timetonic: {user: u, book_owner: o, book_code: b}
"""
NEW = NewConnection("main", "loc", "u", "o", "b")


def _load(extra: str = "") -> ConnectionConfig:
    return read_config(HEAD + extra, PATH).get_connection()


def _contact(extra: str) -> str:
    body = "".join(f"        {line}\n" for line in extra.splitlines())
    return f"    mapping:\n      contact:\n{body}"


def _field(extra: str) -> str:
    return _contact(f"fields:\n  x: {{{extra}}}")


def _refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read_config(text, PATH)
    assert caught.value.file == "hightonic.yaml"
    return caught.value


def test_a_short_file_gets_every_default():
    connection = _load()

    assert connection.highlevel.base_url.startswith("https://")
    assert connection.timetonic.url.startswith("https://")
    assert connection.timetonic.profile is None
    assert connection.sync.deletes == dict.fromkeys(Side, DeleteMode.UNLINK)
    assert connection.sync.first_sync_winner is Side.HIGHLEVEL
    assert set(connection.mapping.kinds) == {kind for kind in Kind if kind.is_paired}
    assert connection.scope == "loc/o/b"
    assert connection.policy.kinds[Kind.CONTACT].match_keys == ("email", "phone")


def test_everything_the_file_can_say_about_a_connection():
    connection = read_config(
        """\
version: 1
connections:
  eu:
    highlevel: {location_id: loc, base_url: "http://127.0.0.1:1", api_version: v3}
    timetonic:
      user: u
      book_owner: o
      book_code: b
      url: http://127.0.0.1:2/live/api.php
      profile: {page_size: 500, date_codec: iso_date}
    sync:
      deletes: {from_highlevel: archive, from_timetonic: delete}
      brakes: {delete_cap: 5, update_share: 0.5}
      first_sync_winner: timetonic
      notes: {max_age_h: 1.5}
      appointments: {past_days: 1, future_days: 2}
      default_region: FR
      time_zone: Europe/Paris
    mapping:
      contact:
        table: People
        match_by: [phone]
        without: [plan, email]
        key_field: null
        stamp_column: null
        fields:
          source: {on_conflict: ask}
      task:
        deletes: {from_highlevel: delete}
      note: {enabled: false}
      appointment:
""",
        PATH,
    ).get_connection("eu")

    assert connection.highlevel.api_version == "v3"
    assert connection.timetonic.profile == {"page_size": 500, "date_codec": "iso_date"}
    sync = connection.sync
    assert sync.deletes == {
        Side.HIGHLEVEL: DeleteMode.ARCHIVE,
        Side.TIMETONIC: DeleteMode.DELETE,
    }
    assert (sync.brakes.delete_cap, sync.brakes.update_share, sync.brakes.blank_floor) == (
        5,
        0.5,
        5,
    )
    assert sync.first_sync_winner is Side.TIMETONIC
    assert (sync.notes_max_age_h, sync.appointments_past_days) == (1.5, 1)
    assert (sync.default_region, sync.time_zone) == ("FR", "Europe/Paris")
    kinds = connection.mapping.kinds
    assert set(kinds) == {Kind.CONTACT, Kind.TASK, Kind.APPOINTMENT}
    contact = kinds[Kind.CONTACT]
    assert (contact.table, contact.match_by) == ("People", ("phone",))
    assert contact.required_on_highlevel == {"name", "phone"}
    assert (contact.key_field, contact.stamp_column) == (None, None)
    assert contact.on_delete == sync.deletes
    assert kinds[Kind.TASK].on_delete[Side.HIGHLEVEL] is DeleteMode.DELETE
    assert kinds[Kind.TASK].on_delete[Side.TIMETONIC] is DeleteMode.UNLINK
    source = contact.find_field("source")
    assert source is not None
    assert source.on_conflict is ConflictPolicy.ASK
    assert (source.timetonic, source.line) == ("Source", 27)


@pytest.mark.parametrize("mapping", ["default", "", "{}", "\n      contact:"])
def test_the_default_mapping_by_any_name(mapping):
    assert _load(f"    mapping: {mapping}\n").digest == _load().digest


def test_without_tasks_nobody_counts_them():
    contact = _load("    mapping: {task: {enabled: false}}\n").mapping.kinds[Kind.CONTACT]

    assert contact.find_field("open_tasks") is None


@pytest.mark.parametrize(
    ("extra", "direction"),
    [
        ("type: datetime, highlevel: dateAdded, timetonic: Created", Direction.TO_TIMETONIC),
        ("type: text, highlevel: city, timetonic: City", Direction.BOTH),
        ('type: template, template: "{{ name }}", timetonic: Card', Direction.TO_TIMETONIC),
        ("type: constant, value: vip, highlevel: custom.rank", Direction.TO_HIGHLEVEL),
        ("type: constant, value: 3, result: number, timetonic: Rank", Direction.TO_TIMETONIC),
        ("type: rollup, count: open_tasks, timetonic: Open", Direction.TO_TIMETONIC),
        ('type: function, function: "operator:truth", timetonic: T', Direction.TO_TIMETONIC),
        (
            'type: function, canon: "operator:eq", render: "operator:eq", highlevel: city,'
            " timetonic: City",
            Direction.BOTH,
        ),
    ],
)
def test_a_new_field_flows_where_it_can(extra, direction):
    field = _load(_field(extra)).mapping.kinds[Kind.CONTACT].find_field("x")

    assert field is not None
    assert field.direction is direction


def test_options_as_a_list_and_as_a_map_of_spellings():
    extra = """\
fields:
  plan: {options: [basic, pro]}
  lifecycle_stage:
    open: false
    options:
      lead: {highlevel: Lead In, timetonic: Prospect}
      won:
  badges: {type: multi_choice, highlevel: custom.badges, timetonic: Badges, separator: "; "}
  gender: {type: text, highlevel: gender, timetonic: Gender}"""
    contact = _load(_contact(extra)).mapping.kinds[Kind.CONTACT]

    plan, stage, badges, gender = map(
        contact.find_field, ("plan", "lifecycle_stage", "badges", "gender")
    )
    assert plan is not None
    assert (plan.options.choices, plan.options.is_open) == (
        (Choice("basic"), Choice("pro")),
        True,
    )
    assert stage is not None
    assert stage.options.choices == (Choice("lead", "Lead In", "Prospect"), Choice("won"))
    assert not stage.options.is_open
    assert badges is not None
    assert badges.on_conflict is ConflictPolicy.UNION
    assert badges.options.separator == "; "
    assert gender is not None
    assert gender.create_only_on == {Side.HIGHLEVEL}


def test_a_field_of_another_type_keeps_its_places_only():
    stage = _load(_contact("fields:\n  lifecycle_stage: {type: text}")).mapping.kinds[
        Kind.CONTACT
    ]
    field = stage.find_field("lifecycle_stage")

    assert field is not None
    assert (field.type, field.highlevel) == ("text", ("custom.lifecycle_stage",))
    assert field.options.choices == ()


def test_a_mapping_from_nothing_has_only_its_own_fields():
    extra = (
        "extends: nothing\nfields:\n  mail: {type: email, highlevel: email, timetonic: Mail}"
    )
    contact = _load(_contact(extra)).mapping.kinds[Kind.CONTACT]

    assert [field.name for field in contact.fields] == ["mail"]
    assert contact.match_by == ()
    assert contact.required_on_highlevel == {"mail"}


def test_functions_start_at_the_file(tmp_path):
    (tmp_path / "mine.py").write_text("def shout(values):\n    return values['name'].upper()\n")
    path = tmp_path / "hightonic.yaml"
    path.write_text(
        HEAD + _field('type: function, function: "mine.py:shout", timetonic: Shout')
    )

    contact = load_config(path).get_connection().mapping.kinds[Kind.CONTACT]

    assert contact.folder == tmp_path


@pytest.mark.parametrize(
    ("extra", "is_same"),
    [
        ("    # a comment\n", True),
        ("    sync: {brakes: {delete_cap: 1}, notes: {max_age_h: 1}}\n", True),
        ("    sync: {first_sync_winner: timetonic}\n", False),
        ("    sync: {appointments: {past_days: 1}}\n", False),
        ("    sync: {deletes: {from_highlevel: delete}}\n", False),
        (_contact("without: [plan]"), False),
        (_contact("table: People"), False),
    ],
)
def test_the_digest_changes_with_what_a_plan_depends_on(extra, is_same):
    assert (_load(extra).digest == _load().digest) is is_same


@pytest.mark.parametrize(
    ("text", "line", "happened", "remedy"),
    [
        ("", None, "the file is empty", "hightonic init"),
        ("# only a comment\n", 1, "holds no settings", "version: 1"),
        ("- a\n", 1, "holds no settings", "version: 1"),
        ("version: 1\n\tx: 1\n", 2, "a tab stands where", "two blanks"),
        ("version: 1\nconnections:\n  main: {a: [1,\n", 3, "ends in the middle", "half-written"),
        ('version: 1\na: "b\n', 2, "ends in the middle", "half-written"),
        ("version: 1\na: 1: 2\nb: 1\nc: 2\n", 2, "this is not YAML", "missing colon"),
        ("version: 1\nb: \x01\n", None, "this is not YAML", "control characters"),
        ("version: 1\nversion: 1\n", 2, "stands here twice", "Keep one"),
        ("version: 1\na: " + "[" * 500, None, "nested too deeply", "brackets"),
        ("version: 2\nconnections: {}\n", 1, "not one I know", "version: 1"),
        ("connections: {}\n", None, "`version` is missing", "version:"),
        ("version: 1\nconections: {}\n", 2, "`conections` is not a setting", "`connections`"),
        ("version: 1\nconnections: []\n", 2, "must be a group of settings", ""),
        ("version: 1\nconnections: {a b: {}}\n", 2, "`a b` cannot name", "letters, digits"),
        (HEAD.replace("location_id", "locaton_id"), 4, "`locaton_id` is not", "`location_id`"),
        (HEAD.replace("location_id: loc", ""), 4, "`location_id` is missing in", "location_id:"),
        (HEAD.replace("loc}", "''}"), 4, "must be text, and is empty", ""),
        (HEAD.replace("loc}", "5}"), 4, "must be text; put it in quotes", ""),
        (HEAD.replace("user: u", "password: hunter2"), 5, "does not belong", "hightonic connect"),
        (HEAD.replace("o,", "o, profile: {page_sise: 1},"), 5, "page_sise", ""),
        (HEAD.replace("o,", "o, profile: {date_codec: x},"), 5, "date_codec", "iso_date"),
        (HEAD + "    sync: {brakes: {delete_share: 2}}\n", 6, "less than or equal to 1", ""),
        (HEAD + "    sync: {brakes: {delete_cap: x}}\n", 6, "must be a whole number", ""),
        (HEAD + "    sync: {notes: {max_age_h: x}}\n", 6, "must be a number", ""),
        (HEAD + "    sync: {notes: 5}\n", 6, "`notes` must be a group of settings", ""),
        (HEAD + "    sync: {default_region: fr}\n", 6, "two capital letters", "FR"),
        (HEAD + "    sync: {time_zone: Europe/Pari}\n", 6, "a zone nobody knows", "Europe/Paris"),
        (HEAD + "    sync: {time_zone: '?'}\n", 6, "a zone nobody knows", "For example"),
        (HEAD + "    sync:\n      deletes:\n        from_highlevel: dele\n", 8, "a value it does", "`delete`"),
        (HEAD + "    mapping: defualt\n", 6, "`mapping` must be", "`mapping: default`"),
        (HEAD + "    mapping: {contact: {enabled: false}}\n", 6, "cannot be switched off", ""),
        (HEAD + "    mapping: {contact: {enabled: 'no'}}\n", 6, "`true` or `false`", ""),
        (HEAD + "    mapping: {note: {key_field: custom.k}}\n", 6, "only contacts have", ""),
        (HEAD + "    mapping: {appointment: {direction: both}}\n", 6, "only flow into", ""),
        (HEAD + "    mapping: {task: {fields: {t: {type: text, highlevel: titel, timetonic: T}}}}\n",
         6, "no task field `titel`", "`title`"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(text, line, happened, remedy):
    error = _refused(text)

    assert happened in error.sentence
    assert remedy in error.remedy
    assert error.line == line
    assert "hunter2" not in error.sentence


@pytest.mark.parametrize(
    ("extra", "line", "happened", "remedy"),
    [
        ("without: [plan, plam]", 8, "has no field `plam`", "`plan`"),
        ("match_by: [email, phnoe]", 8, "`phnoe` is not a mapped field", "`phone`"),
        ("match_by: [tags]", 8, "cannot tell two records apart", ""),
        ("match_by: email", 8, "`match_by` must be a list", ""),
        ("extends: nothing", 7, "no field of the contact is mapped", "fields:"),
        ("key_column: Email", 7, "`key_column` and `email` both use `Email`", ""),
        ("fields:\n  emial: {on_conflict: ask}", 9, "has no type", "Did you mean `email`"),
        ("fields:\n  zzz: {on_conflict: ask}", 9, "has no type", "Add `type:`"),
        ("fields:\n  email: {hihglevel: x}", 9, "`hihglevel` is not a setting", "`highlevel`"),
        ("fields:\n  email: {on_conflict: union}", 9, "suits type multi_choice or tags", ""),
        ("fields:\n  email: {on_conflict: max}", 9, "not email", ""),
        ("fields:\n  email: {options: [a]}", 9, "`options` belongs to type choice", ""),
        ("fields:\n  plan: {options: {a: {hl: x}}}", 9, "`hl` is not a setting", "highlevel"),
        ("fields:\n  plan: {options: [a, A]}", 9, "spelled alike", ""),
        ("fields:\n  plan: {options: {a: {highlevel: b}, b: }}", 9, "spelled alike", ""),
        ("fields:\n  email: 5", 9, "must be a group of settings", ""),
        ("fields:\n  company: {timetonic: Email}", 9, "both use `Email` of TimeTonic", ""),
        ("fields:\n  Bad: {type: text}", 9, "`Bad` cannot name a field", ""),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_line(extra, line, happened, remedy):
    error = _refused(HEAD + _contact(extra))

    assert happened in error.sentence
    assert remedy in error.remedy
    assert error.line == line


@pytest.mark.parametrize(
    ("extra", "happened"),
    [
        ("type: txt, highlevel: city, timetonic: City", "`type` has a value it does not take"),
        ("type: text, highlevel: city", "`x` needs `timetonic:`"),
        ("type: text, timetonic: City", "`x` needs `highlevel:`"),
        ("type: text, highlevel: ctiy, timetonic: City", "no contact field `ctiy`"),
        ("type: text, highlevel: [city, state], timetonic: C", "1 HighLevel field at most"),
        ("type: text, highlevel: 5, timetonic: C", "`highlevel` must be a list"),
        (
            "type: datetime, highlevel: dateAdded, timetonic: C, direction: both",
            "shows `dateAdded` but takes no value",
        ),
        ("type: constant, timetonic: C", "needs `value:`"),
        ("type: template, timetonic: C", "needs `template:`"),
        ("type: rollup, timetonic: C", "needs `count:`"),
        (
            "type: rollup, count: open_tasks, timetonic: C, highlevel: city",
            "takes no `highlevel:`",
        ),
        ("type: constant, value: [1], timetonic: C", "must be text, a number, or true/false"),
        ("type: constant, value: a, result: rollup, timetonic: C", "nothing can compute"),
        ("type: constant, value: a, timetonic: C, highlevel: city", "to one side only"),
        ("type: constant, value: a, timetonic: C, direction: both", "flows one way only"),
        (
            "type: constant, value: a, timetonic: C, direction: to_highlevel",
            "needs `highlevel:`",
        ),
        ("type: function, timetonic: C", "either `function:` or both"),
        ("type: function, canon: 'a:b', timetonic: C, highlevel: city", "either `function:`"),
        ("type: function, function: 'no_such:f', timetonic: C", "No module `no_such`"),
        ("type: template, template: '{{ nmae }}', timetonic: C", "names `nmae`"),
        ("type: template, template: '{{ open_tasks }}', timetonic: C", "names `open_tasks`"),
        ("type: template, template: '{{', timetonic: C", "The template cannot be read"),
    ],
)
def test_a_wrong_field_is_refused_with_its_line(extra, happened):
    error = _refused(HEAD + _field(extra))

    assert happened in error.sentence
    assert error.line == 9


def test_a_rollup_of_a_task_is_refused():
    text = (
        HEAD
        + "    mapping: {task: {fields: {n: {type: rollup, count: open_tasks, timetonic: N}}}}\n"
    )

    assert "only contacts count their tasks" in _refused(text).sentence


def test_several_errors_are_counted():
    error = _refused(HEAD + "    sync: {a: 1, b: 2, c: 3}\n")

    assert "2 more after this" in error.remedy


def test_unknown_columns_carry_the_line_of_the_file():
    connection = _load(_contact("fields:\n  source: {timetonic: Sorce}"))

    problems = check_against(connection.mapping, set(), {"Contacts": {"Source": "shorttext"}})

    (found,) = [problem for problem in problems if problem.missing == "Sorce"]
    assert (found.line, found.remedy) == (9, "Did you mean `Source`?")


@pytest.mark.parametrize(
    ("names", "wanted", "happened"),
    [
        ([], None, "has no connection yet"),
        (["a", "b"], None, "several connections"),
        (["acme"], "acne", "no connection `acne`"),
    ],
)
def test_the_wanted_connection_is_named_or_refused(names, wanted, happened):
    config = Config(PATH, {name: _load() for name in names})

    with pytest.raises(UseError, match=happened):
        config.get_connection(wanted)


def test_unreadable_files_are_one_sentence_each(tmp_path):
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")

    for path, happened in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "cannot be read"),
        (binary, "not a text file"),
    ):
        with pytest.raises(ConfigError, match=happened):
            load_config(path)


def test_a_new_file_loads_with_and_without_a_connection():
    assert read_config(new_config_text(), PATH).connections == {}
    assert list(read_config(new_config_text(NEW), PATH).connections) == ["main"]


def test_every_commented_setting_of_a_new_file_is_real():
    head, *_ = new_config_text(NEW).split("#     mapping: default")
    _, _, rest = new_config_text(NEW).partition("# or the differences from it:\n")
    commented = [line for line in (head + rest).splitlines() if line.startswith("#    ")]

    text = HEAD + "".join(line.removeprefix("#").removeprefix(" ") + "\n" for line in commented)

    assert read_config(text, PATH).get_connection().sync == _load().sync


def test_a_connection_is_added_and_comments_stay(tmp_path):
    path = tmp_path / "home" / "hightonic.yaml"
    add_connection(path, NEW)
    path.write_text(path.read_text() + "    sync: {notes: {max_age_h: 3}}  # mine\n")

    add_connection(path, NewConnection("eu", "loc2", "u", "o", "b2", url="http://127.0.0.1:9"))
    config = add_connection(
        path, NewConnection("main", "new", "u", "o", "b", base_url="http://x")
    )

    text = path.read_text()
    assert text.startswith("# hightonic:")
    assert "# mine" in text
    assert config.get_connection("main").highlevel.location_id == "new"
    assert config.get_connection("main").highlevel.base_url == "http://x"
    assert config.get_connection("main").sync.notes_max_age_h == 3
    assert config.get_connection("eu").timetonic.url == "http://127.0.0.1:9"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["hightonic.yaml"]


def test_adding_the_same_connection_twice_changes_nothing(tmp_path):
    path = tmp_path / "hightonic.yaml"
    add_connection(path, NEW)
    once = path.read_text()

    add_connection(path, NEW)

    assert path.read_text() == once


@pytest.mark.parametrize(
    ("old", "connection", "happened"),
    [
        ("version: 1\nconnections: [a]\n", NEW, "must be a group"),
        ("version: 1\nnonsense: 1\nconnections:\n", NEW, "`nonsense` is not a setting"),
        (
            "version: 1\nconnections: {}\n",
            NewConnection("a b", "l", "u", "o", "b"),
            "cannot name",
        ),
        ("version: 1\nconnections: {}\n", NewConnection("a", "", "u", "o", "b"), "is empty"),
    ],
)
def test_a_file_that_would_not_load_is_not_written(tmp_path, old, connection, happened):
    path = tmp_path / "hightonic.yaml"
    path.write_text(old)

    with pytest.raises(ConfigError, match=happened):
        add_connection(path, connection)

    assert path.read_text() == old


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "hightonic.yaml"
    add_connection(path, NEW)
    old = path.read_text()

    def fail(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(config_source.os, "fsync", fail)

    with pytest.raises(StateError, match="No space left on device"):
        add_connection(path, NewConnection("eu", "loc2", "u", "o", "b2"))

    assert path.read_text() == old
    assert [entry.name for entry in tmp_path.iterdir()] == ["hightonic.yaml"]


def test_a_link_to_the_file_stays_a_link(tmp_path):
    real, link = tmp_path / "real.yaml", tmp_path / "hightonic.yaml"
    add_connection(real, NEW)
    link.symlink_to(real)

    add_connection(link, NewConnection("eu", "loc2", "u", "o", "b2"))

    assert link.is_symlink()
    assert list(load_config(real).connections) == ["main", "eu"]

"""What typed words become, by the schema of the entry."""

import pytest

from toolkit.app.catalog import get_entry
from toolkit.app.catalog.words import read_words
from toolkit.errors import UseError

SCHEMA = {
    "properties": {
        "text": {"type": "string"},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "count": {"type": "integer"},
        "yes": {"type": "boolean"},
        "words": {"type": "array", "items": {"type": "string"}},
        "side": {"enum": ["left", "right"]},
        "only": {"const": "this"},
        "whole": {"type": "object", "additionalProperties": {"type": "string"}},
        "part": {"$ref": "#/$defs/Part"},
        "any": {},
        "table": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    },
    "$defs": {
        "Part": {"properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}
    },
}


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ([], {}),
        (["text=5"], {"text": "5"}),
        (["text="], {"text": ""}),
        (["text=a=b"], {"text": "a=b"}),
        (["text=null"], {"text": "null"}),
        (["maybe=null"], {"maybe": None}),
        (["maybe=Ada"], {"maybe": "Ada"}),
        (["count=5"], {"count": 5}),
        (["count=five"], {"count": "five"}),
        (["yes=true"], {"yes": True}),
        (['words=["a","b"]'], {"words": ["a", "b"]}),
        (["words=a"], {"words": ["a"]}),
        (["words=a", "words=b"], {"words": ["a", "b"]}),
        (["side=left", "only=this"], {"side": "left", "only": "this"}),
        (["whole.plan=7"], {"whole": {"plan": "7"}}),
        (["part.name=7", "part.size=7"], {"part": {"name": "7", "size": 7}}),
        (["any=0042"], {"any": "0042"}),
        (["any=1e5"], {"any": "1e5"}),
        (["any=42"], {"any": 42}),
        (["any=true"], {"any": True}),
        (["any.deep.er=x"], {"any": {"deep": {"er": "x"}}}),
        (["table=Contacts"], {"table": "Contacts"}),
        (["table=310001"], {"table": "310001"}),
        (['text:=["kept"]'], {"text": ["kept"]}),
        (["unknown=1"], {"unknown": 1}),
    ],
)
def test_words_become_json_by_the_schema(words, given):
    assert read_words(words, SCHEMA) == given


@pytest.mark.parametrize(
    "words",
    [
        ["no sign"],
        ["=x"],
        [":=1"],
        ["text=a", "text=b"],
        ["text=a", "text.deep=b"],
        ["any:={"],
    ],
)
def test_words_of_no_such_form_are_refused_without_their_values(words):
    with pytest.raises(UseError) as refused:
        read_words(words, SCHEMA)

    assert refused.value.unchanged == "Nothing was sent"


def test_words_fit_the_entries():
    create = get_entry("highlevel.contacts.create")
    words = ["first_name=Ada", "tags=vip", "custom_fields.plan=Pro", "date_of_birth=1815-12-10"]

    taken = create.read_input(read_words(words, create.input_schema))

    assert taken.model_dump(exclude_unset=True)["tags"] == ("vip",)
    assert str(taken.date_of_birth) == "1815-12-10"

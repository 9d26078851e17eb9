"""A scripted TimeTonic behind respx: answers by function, remembers the forms it was sent."""

import json
import random
from email import message_from_bytes
from urllib.parse import parse_qs

import httpx
import respx

from toolkit.clients.pacing import ManualClock
from toolkit.clients.retrying import RetryPolicy
from toolkit.clients.timetonic import TimeTonic

URL = "https://timetonic.test/live/api.php"
SESSKEY = "ABCD-SECRET-KEY"
CONTACTS = 11
FIELDS = {
    "name": 101,
    "email": 102,
    "count": 103,
    "day": 104,
    "moment": 105,
    "flag": 106,
    "plan": 107,
    "tags": 108,
    "parent": 109,
    "key": 110,
    "formula": 111,
    "comments": 112,
    "updates": 113,
    "attachments": 114,
}


def column(name, kind, **extra):
    code = extra.pop("fixed_code", name.lower())
    return {
        "id": FIELDS.get(code, 999),
        "name": name,
        "code": None,
        "fixed_code": code,
        "type": kind,
        "readOnly": 0,
        "values": [],
    } | extra


COLUMNS = [
    column("Name", "shorttext"),
    column("Email", "email"),
    column("Count", "int"),
    column("Day", "date", dateFormat="YYYY-MM-DD"),
    column("Moment", "date", timeAndDate=True, dateFormat="DD/MM/YYYY"),
    column("Flag", "boolean"),
    column("Plan", "mediumtext", enumColors={"values": [{"value": "Pro"}], "strict": True}),
    column("Tags", "mediumtext", enumColors={"values": [], "multiple": "1"}),
    column("Parent", "link", link={"category": {"id": "12", "name": "People"}}),
    column("Key", "shorttext"),
    column("Formula", "double", readOnly="1"),
    column("Comments", "comments"),
    column("Updates", "activity"),
    column("Attachments", "files"),
]
TABLE = {
    "id": CONTACTS,
    "name": "Contacts",
    "code": "crm_contacts",
    "sysFunc": None,
    "pivot_id": None,
    "totalRowCount": 0,
    "fields": COLUMNS,
    "rowInfos": [],
    "views": [],
}
SYSTEM_TABLE = TABLE | {"id": 12, "name": "Users", "code": None, "sysFunc": "users"}
PIVOT_TABLE = TABLE | {"id": 13, "name": "Pivot", "code": None, "pivot_id": "7"}
BOOK_TABLES = {"bookTables": {"id": 1, "categories": [TABLE, SYSTEM_TABLE, PIVOT_TABLE]}}


def ok(**payload):
    return {"status": "ok", "sstamp": 15583609109172, **payload}


def nok(text, **extra):
    return {"status": "nok", "errorMsg": text, **extra}


def table_values(rows, *, total=None):
    """A column-format answer; `rows` maps row id -> fixed code -> raw cell."""
    columns = [
        each
        | {
            "values": [
                {"id": row_id, "value": cells.get(each["fixed_code"])}
                for row_id, cells in rows.items()
            ]
        }
        for each in COLUMNS
    ]
    places = {str(row_id): {"order": 1, "index": 0} for row_id in rows}
    return ok(
        tableValues=TABLE
        | {"fields": columns, "rowInfos": places or [], "totalRowCount": total or len(rows)}
    )


class Service:
    """Plays each function's script in order; the last entry repeats."""

    def __init__(self, router):
        self.forms = []
        self.requests = []
        self.scripts = {"getBookTables": [ok(**BOOK_TABLES)]}
        router.route().mock(side_effect=self._answer)

    def on(self, function, *answers):
        self.scripts[function] = list(answers)

    def sent(self, function):
        return [each for each in self.forms if each["req"] == function]

    def only(self, function):
        (form,) = self.sent(function)
        return form

    def _answer(self, request):
        self.requests.append(request)
        form = read_form(request)
        self.forms.append(form)
        script = self.scripts[form["req"]]
        answer = script.pop(0) if len(script) > 1 else script[0]
        if callable(answer):
            answer = answer(form)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        return httpx.Response(200, json=answer, headers={"content-type": "application/json"})


def read_form(request):
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/"):
        message = message_from_bytes(f"content-type: {kind}\r\n\r\n".encode() + request.content)
        return {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            if part.get_filename()
            else part.get_payload(decode=True).decode()
            for part in message.get_payload()
        }
    parsed = parse_qs(request.content.decode(), keep_blank_values=True)
    return {name: values[0] for name, values in parsed.items()}


def cells(form, argument="fieldValues"):
    return json.loads(form[argument])


def client(**options):
    settings = {
        "user": "api_acme",
        "url": URL,
        "book_owner": "acme",
        "book_code": "crm",
        "clock": ManualClock(),
        "retry": RetryPolicy(random=random.Random(1)),
    } | options
    return TimeTonic(settings.pop("sesskey", SESSKEY), **settings)


def router():
    return respx.mock(assert_all_called=False)

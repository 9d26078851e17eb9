"""What our client sends, and reads, against the vendor's own OpenAPI files.

Known differences between those files and the living service are listed as data, each with its
reason (`shared/reference/highlevel.md` has the evidence).
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema
import pytest

from tests.unit.clients.highlevel_table import ROWS, Row, Vendor, client_of
from toolkit.clients.highlevel.oauth import OAuth
from toolkit.clients.highlevel.operations import OPERATIONS
from toolkit.clients.highlevel.protocol import decipher_answer, path_template
from toolkit.clients.http import Answer
from toolkit.clients.pacing import ManualClock

OPENAPI = Path(__file__).parents[2].parent / "shared" / "openapi"
pytestmark = pytest.mark.skipif(
    not OPENAPI.exists(), reason="../shared is not beside this checkout"
)

VERSIONS = {"2021-07-28": "{}.json", "v3": "v3/{}-v3.json"}
FILE_OF = {"calendars": "calendars", "appointments": "calendars"}
GONE_IN_V3 = {
    "contacts.list_legacy": "deprecated; still answers under every version",
    "users.list": "deprecated; still answers under every version",
}
# `example` values that contradict the shape their own schema declares.
UNREADABLE_EXAMPLES = {
    "contacts.bulk_tags": "rows are typed as strings but are objects",
    "contacts.search": "no answer schema is published",
    "contacts.find_duplicate": "no answer schema is published",
    "tasks.search": "rows have no schema",
    "locations.list_timezones": "no answer schema is published",
}


@cache
def spec_of(name: str, version: str) -> tuple[Path, dict[str, Any]]:
    path = OPENAPI / VERSIONS[version].format(name)
    return path, json.loads(path.read_text())


def candidates(version: str) -> list[str]:
    names = [
        "contacts",
        "locations",
        "users",
        "businesses",
        "calendars",
        "opportunities",
        "oauth",
    ]
    return [name for name in names if spec_of(name, version)[0].exists()]


def operation_of(method: str, path: str, version: str) -> tuple[Path, str, dict[str, Any]]:
    """The published operation that a request means; literal paths win over templates."""
    found = []
    for name in candidates(version):
        file, spec = spec_of(name, version)
        for template, methods in spec["paths"].items():
            pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in methods:
                found.append((template.count("{"), file, template, methods[method.lower()]))
    assert found, f"{method} {path} is not published"
    _, file, template, operation = min(found, key=lambda item: item[0])
    return file, template, operation


def resolved(node: Any, file: Path) -> Any:
    """`node` without references and in JSON Schema's spelling of OpenAPI 3.0."""
    if isinstance(node, list):
        return [resolved(item, file) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target, _, pointer = node["$ref"].partition("#")
        target_file = (file.parent / target).resolve() if target else file
        found = json.loads(target_file.read_text()) if target else load(file)
        for part in pointer.strip("/").split("/"):
            found = found[part]
        return resolved(found, target_file)
    plain = {key: resolved(value, file) for key, value in node.items()}
    if plain.pop("nullable", False) and "type" in plain:
        plain["type"] = [plain["type"], "null"]
    return plain


@cache
def load(file: Path) -> Any:
    return json.loads(file.read_text())


def body_schema(operation: dict[str, Any], file: Path, media: str) -> dict[str, Any]:
    return resolved(operation["requestBody"]["content"][media]["schema"], file)


def as_lived(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The published schema, mended where the service is known to differ."""
    properties = schema.get("properties", {})
    if "dateOfBirth" in properties:  # published as an object, documented as text
        properties["dateOfBirth"] = {"type": "string"}
    if properties and name != "tasks.search":  # every other body is whitelisted: 422
        schema = schema | {"additionalProperties": False}
    return schema


async def request_of(row: Row, version: str) -> httpx.Request:
    vendor = Vendor(row.answers, status=row.status)
    async with client_of(vendor, version=version) as highlevel:
        await row.act(highlevel)
    return vendor.requests[0]


def published(version: str) -> list[Row]:
    return [row for row in ROWS if version != "v3" or row.name not in GONE_IN_V3]


@pytest.mark.parametrize(
    ("row", "version"),
    [
        pytest.param(row, version, id=f"{row.name}-{version}")
        for version in VERSIONS
        for row in published(version)
    ],
)
async def test_each_request_is_as_published(row: Row, version: str):
    request = await request_of(row, version)
    file, template, operation = operation_of(request.method, request.url.path, version)
    declared = {item["name"]: item for item in resolved(operation.get("parameters", []), file)}
    query = {key for key, _ in parse_qsl(request.url.query.decode(), keep_blank_values=True)}
    required = {
        name
        for name, item in declared.items()
        if item["in"] == "query" and item.get("required")
    }

    assert required <= query
    assert query <= {name for name, item in declared.items() if item["in"] == "query"}
    ours = path_template(OPERATIONS[row.name], version)
    assert ours.count("{") == template.count("{")
    if request.content and "multipart" not in request.headers["content-type"]:
        schema = body_schema(operation, file, "application/json")
        jsonschema.validate(json.loads(request.content), as_lived(schema, row.name))
    else:
        required_body = operation.get("requestBody", {}).get("required", False)
        assert request.content or not required_body


@pytest.mark.parametrize("row", published("2021-07-28"), ids=lambda row: row.name)
async def test_the_version_header_is_the_one_its_specification_pins(row: Row):
    request = await request_of(row, "2021-07-28")
    file, _, operation = operation_of(request.method, request.url.path, "2021-07-28")
    parameters = resolved(operation.get("parameters", []), file)
    pins = [item["schema"].get("enum") for item in parameters if item["name"] == "Version"]

    assert not pins or pins[0] is None or request.headers["version"] in pins[0]


def example_of(schema: dict[str, Any]) -> Any:
    """An instance of `schema` out of its own examples."""
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in schema["allOf"]:
            merged |= example_of(part) or {}
        return merged
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return example_of(schema[choice][0])
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        example = schema.get("example")
        return example if isinstance(example, list) else [example_of(schema.get("items", {}))]
    if "properties" in schema:
        return {key: example_of(value) for key, value in schema["properties"].items()}
    if "example" in schema:
        return schema["example"]
    return {"string": "text", "number": 1, "boolean": True, "object": {}}.get(kind)


@pytest.mark.parametrize(
    ("row", "version"),
    [
        pytest.param(row, version, id=f"{row.name}-{version}")
        for version in VERSIONS
        for row in published(version)
        if row.name not in UNREADABLE_EXAMPLES
    ],
)
async def test_each_published_answer_is_readable(row: Row, version: str):
    request = await request_of(row, version)
    file, _, operation = operation_of(request.method, request.url.path, version)
    status, response = next(
        (int(code), answer) for code, answer in operation["responses"].items() if code < "300"
    )
    content = resolved(response.get("content", {}), file)
    example = example_of(content["application/json"]["schema"]) if content else {}
    answer = Answer(status=status, headers={}, body=json.dumps(example).encode())

    decipher_answer(answer, OPERATIONS[row.name].call())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("act", ["exchange", "refresh", "location", "installed"])
async def test_each_oauth_request_is_as_published(act: str, version: str):
    answer = {"access_token": "a", "expires_in": 1, "locations": []}
    vendor = Vendor(answer)
    oauth = OAuth(
        client_id="i",
        client_secret="s",
        redirect_uri="https://ours.test/back",
        version=version,
        transport=httpx.MockTransport(vendor),
        clock=ManualClock(),
    )
    acts = {
        "exchange": lambda: oauth.exchange_code("code"),
        "refresh": lambda: oauth.refresh("old"),
        "location": lambda: oauth.location_token("t", company_id="c", location_id="l"),
        "installed": lambda: oauth.list_installed_locations("t", company_id="c", app_id="a"),
    }
    async with oauth:
        await acts[act]()
    (request,) = vendor.requests
    file, _, operation = operation_of(request.method, request.url.path, version)

    if request.method == "POST":
        schema = body_schema(operation, file, "application/x-www-form-urlencoded")
        form = dict(parse_qsl(request.content.decode()))
        jsonschema.validate(form, schema | {"additionalProperties": False})
    else:
        declared = {item["name"] for item in resolved(operation["parameters"], file)}
        assert set(dict(request.url.params)) <= declared

"""The emulator under inputs that the vendor's OpenAPI files make up: no 5xx, declared shapes."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.contract.highlevel_openapi import OPENAPI, SHARED, load
from tests.unit.sandbox.highlevel_door import Door

pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason="../shared is not beside this checkout"
)
VERSIONS = {"contacts.json": "2021-07-28", "v3/contacts-v3.json": "v3"}
_schema = functools.cache(load)


def _operations() -> list[Any]:
    if not OPENAPI.exists():
        return []
    return [
        pytest.param(name, operation.method, operation.path, id=f"{operation.label} {version}")
        for name, version in VERSIONS.items()
        for operation in (found.ok() for found in _schema(name).get_all_operations())
    ]


@pytest.fixture(scope="module")
def door() -> Door:
    return Door()


@pytest.mark.parametrize(("name", "method", "path"), _operations())
def test_made_up_calls_get_declared_answers(
    door: Door, name: str, method: str, path: str
) -> None:
    operation = _schema(name)[path][method.upper()]
    cases = st.one_of(operation.as_strategy(mode) for mode in GenerationMode)

    @settings(
        max_examples=5,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_known=st.booleans())
    def check(case: Any, is_known: bool) -> None:
        _aim(door, case, is_known=is_known)
        sent = case.as_transport_kwargs(base_url="http://hl")
        headers = {
            key: value for key, value in sent["headers"].items() if key.lower() != "version"
        }
        answer = door.ask(
            sent["method"],
            sent["url"],
            sent.get("json"),
            version=VERSIONS[name],
            headers=headers,
            params=sent.get("params"),
        )
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    check()


def _aim(door: Door, case: Any, *, is_known: bool) -> None:
    """Point half of the calls at records that are there, and every call at the location."""
    if is_known and "contactId" in (case.path_parameters or {}):
        case.path_parameters["contactId"] = next(iter(door.state.contacts))
    if isinstance(case.body, dict) and "locationId" in case.body:
        case.body["locationId"] = door.location
    if case.query and "locationId" in case.query:
        case.query["locationId"] = door.location

"""`import toolkit`: cheap, complete, and as its `help()` says."""

import ast
import inspect
import subprocess
import sys
import textwrap
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest

import toolkit
from toolkit import errors
from toolkit.app.home import Home
from toolkit.app.setup import connect_sandbox
from toolkit.app.wiring import Transports
from toolkit.sandbox.serve import Sandbox, SandboxOptions

SOURCE = Path(toolkit.__file__)
FRONT_DOORS = ("HighLevel", "TimeTonic", "open_connection")
IMPORT = """
import sys, time
began_s = time.perf_counter()
import toolkit
took_s = time.perf_counter() - began_s
dir(toolkit), toolkit.__all__, toolkit.__doc__
print(took_s, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def names_for_type_checkers():
    (checked,) = [
        node
        for node in ast.parse(SOURCE.read_text("utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    names = set()
    for node in checked.body:
        if isinstance(node, ast.ImportFrom):
            names |= {each.name for each in node.names}
        else:
            names.add(ast.unparse(node.target))
    return names


def test_import_is_quick_and_brings_no_client_and_no_database():
    # The quickest of three: what else the machine does is not the import's price.
    runs = [
        subprocess.run(
            [sys.executable, "-I", "-c", IMPORT], capture_output=True, text=True, check=True
        )
        for _ in range(3)
    ]
    took_s = min(float(ran.stdout.split()[0]) for ran in runs)
    loaded = set(runs[0].stdout.split()[1:])

    assert took_s < 0.05
    assert not loaded & {
        "httpx",
        "sqlalchemy",
        "pydantic",
        "cryptography",
        "starlette",
        "typer",
    }


def test_all_is_what_dir_shows_and_type_checkers_see():
    assert dir(toolkit) == sorted(toolkit.__all__)
    assert names_for_type_checkers() == set(toolkit.__all__)
    assert len(set(toolkit.__all__)) == len(toolkit.__all__)


@pytest.mark.parametrize("name", toolkit.__all__)
def test_public_name_is_there_and_described(name):
    value = getattr(toolkit, name)

    assert getattr(toolkit, name) is value
    assert name == "__version__" or inspect.getdoc(value)


def test_every_error_is_public():
    tree = {
        name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, errors.HightonicError)
    }

    assert tree <= set(toolkit.__all__)
    assert all(getattr(toolkit, name) is getattr(errors, name) for name in tree)


def test_unknown_name_is_an_attribute_error_and_fails_to_import():
    with pytest.raises(AttributeError, match="'toolkit' has no attribute 'Salesforce'"):
        _ = toolkit.Salesforce
    with pytest.raises(ImportError, match="Salesforce"):
        exec("from toolkit import Salesforce")  # noqa: S102 — a statement, not a lookup


def test_version_is_the_installed_one():
    assert toolkit.__version__ == version("hightonic")


@pytest.mark.parametrize("package", ["toolkit", "bot", "notebooks"])
def test_package_says_that_it_is_typed(package):
    assert (SOURCE.parents[1] / package / "py.typed").exists()


@pytest.mark.parametrize(
    ("client", "given"),
    [
        (toolkit.HighLevel, {"token": "pit-x", "location_id": "loc"}),
        (toolkit.TimeTonic, {"sesskey": "key", "user": "api"}),
    ],
)
def test_help_of_a_client_names_every_resource(client, given):
    resources = {name for name in vars(client(**given)) if not name.startswith("_")}

    described = inspect.getdoc(client)
    assert {name for name in resources if f"`{name}`" not in described} <= {"location_id"}


def example_of(name):
    doc = inspect.getdoc(getattr(toolkit, name))
    _, _, after = doc.partition("Example:\n")
    return textwrap.dedent(after.split("\n\n")[0])


@pytest.mark.parametrize("name", FRONT_DOORS)
async def test_example_in_help_runs(name, tmp_path, capsys):
    sandbox = Sandbox(SandboxOptions(contacts=3, tasks=1, notes=1, leads=2, shared=1))
    ready, wires = sandbox.ready_line(), sandbox.transports()
    await connect_sandbox(Home(tmp_path), "main", ready, transports=wires)
    high, time = dict(ready["highlevel"]), dict(ready["timetonic"])
    # The example's own account is made up: the door leads to the sandbox instead.
    doors = {
        "HighLevel": lambda *_args, **_named: toolkit.HighLevel(
            high["token"],
            location_id=high["location_id"],
            base_url=high["base_url"],
            transport=wires["highlevel"],
        ),
        "TimeTonic": lambda *_args, **_named: toolkit.TimeTonic(
            time["sesskey"],
            user=time["user"],
            url=time["url"],
            book_owner=time["book_owner"],
            book_code=time["book_code"],
            transport=wires["timetonic"],
        ),
        "open_connection": partial(
            toolkit.open_connection, home=tmp_path, transports=Transports(**wires)
        ),
    }
    lines = textwrap.indent(example_of(name), "    ")
    scope = {"Search": toolkit.Search, "field": toolkit.field, **doors}
    exec(compile(f"async def play():\n{lines}", f"help({name})", "exec"), scope)  # noqa: S102 — our own docstring

    await scope["play"]()

    if name != "HighLevel":
        assert capsys.readouterr().out

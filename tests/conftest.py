"""How hard Hypothesis tries: HYPOTHESIS_PROFILE picks dev, ci or nightly.

What every test pays for is made cheap here: compiled modules and the garbage collector.
"""

import gc
import os
import sys

import pytest
from hypothesis import HealthCheck, settings

# Two shared cores make single examples slow now and then; what counts is the whole suite.
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

# Workers, and some hundred processes that tests start, would each compile the whole program and
# rewrite every assertion again: ten seconds of CPU a worker, half a second a process.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Wide tests walk the same lines again and again: with coverage they would take twice as long.
# `tests/unit` and the stories of `tests/flows` meet each line by themselves.
_UNCOUNTED = (
    "tests/contract/test_highlevel_emulator_fuzzing.py",
    "tests/contract/test_mapping_laws.py",
    "tests/flows/test_automations_killed.py",
    "tests/flows/test_crashes.py",
    "tests/flows/test_deeds_killed.py",
    "tests/flows/test_faults.py",
    "tests/flows/test_service_storm.py",
    "tests/flows/test_variants.py",
    "tests/stateful/",
)

# No test may reach into the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
settings.register_profile("dev", deadline=None, suppress_health_check=_QUIET)
settings.register_profile(
    "ci", deadline=None, suppress_health_check=_QUIET, derandomize=True, database=None
)
settings.register_profile(
    "nightly", deadline=None, suppress_health_check=_QUIET, max_examples=2_000
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Coverage pauses in the wide tests."""
    if not config.pluginmanager.hasplugin("_cov"):
        return
    for item in items:
        if item.nodeid.startswith(_UNCOUNTED):
            item.add_marker("no_cover")


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected lives as long as the session: the collector need not walk it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

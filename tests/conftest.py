"""How hard Hypothesis tries: HYPOTHESIS_PROFILE picks dev, ci or nightly."""

import os

from hypothesis import HealthCheck, settings

# Two shared cores make single examples slow now and then; what counts is the whole suite.
_QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

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

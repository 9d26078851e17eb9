"""The flows' small worlds serve the use cases' own tests as well."""

from tests.flows.conftest import _clean_environment, _fresh, _synced, fresh, world

__all__ = ["_clean_environment", "_fresh", "_synced", "fresh", "world"]

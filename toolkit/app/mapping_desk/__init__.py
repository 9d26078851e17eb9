"""The mapping editor's use cases: drafts of a mapping, tried, planned and saved."""

from toolkit.app.mapping_desk.desk import MappingDesk, changed_fields
from toolkit.app.mapping_desk.planning import ChangePlan, FieldCount
from toolkit.app.mapping_desk.samples import Sample
from toolkit.app.mapping_desk.shapes import (
    Checked,
    Fields,
    KindDraft,
    LineProblem,
    MappingDraft,
    Opened,
    SideField,
)
from toolkit.app.mapping_desk.suggesting import Likely
from toolkit.app.mapping_desk.trying import LineTrial, Tried

__all__ = [
    "ChangePlan",
    "Checked",
    "FieldCount",
    "Fields",
    "KindDraft",
    "Likely",
    "LineProblem",
    "LineTrial",
    "MappingDesk",
    "MappingDraft",
    "Opened",
    "Sample",
    "SideField",
    "Tried",
    "changed_fields",
]

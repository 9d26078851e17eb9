"""What stands around contacts: location, fields, tags, users, businesses, deals."""

from __future__ import annotations

from toolkit.clients.highlevel.protocol import (
    Operation,
    acknowledged,
    read_words,
    rows_of,
)
from toolkit.clients.highlevel.wire.surroundings import (
    Business,
    CustomFieldDefinition,
    Location,
    OpportunityPage,
    Pipeline,
    Tag,
    UploadedFiles,
    User,
    UserPage,
)

_LOCATION = "/locations/{location_id}"
_FIELDS = _LOCATION + "/customFields"
_FIELD = _FIELDS + "/{field_id}"
_TAGS = _LOCATION + "/tags"
_TAG = _TAGS + "/{tag_id}"
_BUSINESSES = "/businesses/"
_BUSINESS = _BUSINESSES + "{business_id}"
_OPPORTUNITIES = "/opportunities/search"
GET_LOCATION = Operation(
    name="locations.get",
    method="GET",
    path=_LOCATION,
    reads=Location.model_validate,
    within=("location",),
    is_read=True,
)
SEARCH_LOCATIONS = Operation(
    name="locations.search",
    method="GET",
    path="/locations/search",
    reads=rows_of(Location),
    within=("locations",),
    is_read=True,
)
LIST_TIMEZONES = Operation(
    name="locations.list_timezones",
    method="GET",
    path=_LOCATION + "/timezones",
    reads=read_words,
    within=(
        "timeZones",
        "timezones",
    ),
    is_read=True,
)
LIST_FIELDS = Operation(
    name="custom_fields.list",
    method="GET",
    path=_FIELDS,
    reads=rows_of(CustomFieldDefinition),
    within=("customFields",),
    is_read=True,
)
GET_FIELD = Operation(
    name="custom_fields.get",
    method="GET",
    path=_FIELD,
    reads=CustomFieldDefinition.model_validate,
    within=("customField",),
    is_read=True,
)
CREATE_FIELD = Operation(
    name="custom_fields.create",
    method="POST",
    path=_FIELDS,
    reads=CustomFieldDefinition.model_validate,
    within=("customField",),
)
UPDATE_FIELD = Operation(
    name="custom_fields.update",
    method="PUT",
    path=_FIELD,
    reads=CustomFieldDefinition.model_validate,
    within=("customField",),
)
DELETE_FIELD = Operation(
    name="custom_fields.delete", method="DELETE", path=_FIELD, reads=acknowledged
)
UPLOAD_FILES = Operation(
    name="custom_fields.upload",
    method="POST",
    path=_FIELDS + "/upload",
    reads=UploadedFiles.model_validate,
)
LIST_TAGS = Operation(
    name="tags.list",
    method="GET",
    path=_TAGS,
    reads=rows_of(Tag),
    within=("tags",),
    is_read=True,
)
GET_TAG = Operation(
    name="tags.get",
    method="GET",
    path=_TAG,
    reads=Tag.model_validate,
    within=("tag",),
    is_read=True,
)
CREATE_TAG = Operation(
    name="tags.create", method="POST", path=_TAGS, reads=Tag.model_validate, within=("tag",)
)
RENAME_TAG = Operation(
    name="tags.rename", method="PUT", path=_TAG, reads=Tag.model_validate, within=("tag",)
)
DELETE_TAG = Operation(name="tags.delete", method="DELETE", path=_TAG, reads=acknowledged)
LIST_USERS = Operation(
    name="users.list",
    method="GET",
    path="/users/",
    reads=rows_of(User),
    within=("users",),
    is_read=True,
)
SEARCH_USERS = Operation(
    name="users.search",
    method="GET",
    path="/users/search",
    reads=UserPage.model_validate,
    is_read=True,
)
GET_USER = Operation(
    name="users.get",
    method="GET",
    path="/users/{user_id}",
    reads=User.model_validate,
    is_read=True,
)
LIST_BUSINESSES = Operation(
    name="businesses.list",
    method="GET",
    path=_BUSINESSES,
    reads=rows_of(Business),
    within=("businesses",),
    is_read=True,
)
GET_BUSINESS = Operation(
    name="businesses.get",
    method="GET",
    path=_BUSINESS,
    reads=Business.model_validate,
    within=(
        "business",
        "buiseness",
    ),
    is_read=True,
)
CREATE_BUSINESS = Operation(
    name="businesses.create",
    method="POST",
    path=_BUSINESSES,
    reads=Business.model_validate,
    within=(
        "business",
        "buiseness",
    ),
)
UPDATE_BUSINESS = Operation(
    name="businesses.update",
    method="PUT",
    path=_BUSINESS,
    reads=Business.model_validate,
    within=(
        "business",
        "buiseness",
    ),
)
DELETE_BUSINESS = Operation(
    name="businesses.delete", method="DELETE", path=_BUSINESS, reads=acknowledged
)
LIST_OPPORTUNITIES = Operation(
    name="opportunities.list",
    method="GET",
    path=_OPPORTUNITIES,
    reads=OpportunityPage.model_validate,
    is_read=True,
)
SEARCH_OPPORTUNITIES = Operation(
    name="opportunities.search",
    method="POST",
    path=_OPPORTUNITIES,
    reads=OpportunityPage.model_validate,
    is_read=True,
)
LIST_PIPELINES = Operation(
    name="opportunities.list_pipelines",
    method="GET",
    path="/opportunities/pipelines",
    reads=rows_of(Pipeline),
    within=("pipelines",),
    is_read=True,
)

"""TimeTonic's answers as they come, with the vendor's words; every other module uses ours.

Real answers mix 0/1, "0"/"1" and booleans, ids as numbers and as text, and send `[]` for an
empty map because the server is PHP (official fixtures, live-6.26 and 6.49q, read 2026-11).
Unknown keys are kept in `model_extra`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)

from toolkit.errors import MalformedAnswerError

ModelT = TypeVar("ModelT", bound=BaseModel)

_YES = frozenset({"1", "true", "yes", "on", "2"})


def _flag(raw: object) -> bool:
    """Any of TimeTonic's ways to say yes; null and everything else is no."""
    if isinstance(raw, bool | int | float):
        return bool(raw)
    return isinstance(raw, str) and raw.strip().lower() in _YES


def _number(raw: object) -> object:
    return raw.strip() if isinstance(raw, str) else raw


def _optional_number(raw: object) -> object:
    return None if raw in ("", False) else _number(raw)


def _map(raw: object) -> object:
    return {} if raw is None or raw == [] else raw


def _list(raw: object) -> object:
    if raw is None:
        return []
    return list(raw.values()) if isinstance(raw, dict) else raw


def _text(raw: object) -> object:
    return "" if raw is None else str(raw) if isinstance(raw, int | float) else raw


Flag = Annotated[bool, BeforeValidator(_flag)]
Id = Annotated[int, BeforeValidator(_number)]
OptionalId = Annotated[int | None, BeforeValidator(_optional_number)]
Text = Annotated[str, BeforeValidator(_text)]
AnyMap = Annotated[dict[str, Any], BeforeValidator(_map)]


class WireModel(BaseModel):
    """Tolerant: unknown keys are kept, missing ones take the empty value."""

    model_config = ConfigDict(extra="allow", frozen=True)


class EnvelopeWire(WireModel):
    """What surrounds every answer, good or bad."""

    status: Text = ""
    operation: Text = Field("", validation_alias="req")
    error: Text = ""
    error_msg: Text = Field("", validation_alias="errorMsg")
    error_message: Text = Field("", validation_alias="errorMessage")
    error_code: Text = Field("", validation_alias="errorCode")
    transaction_id: Text = Field("", validation_alias="transactionId")

    @property
    def message(self) -> str:
        """The server's text; three keys are in use, also within one build."""
        return self.error_msg or self.error or self.error_message


class ColorWire(WireModel):
    """One label of a list field."""

    value: Text = ""


class EnumWire(WireModel):
    """The labels of a list field."""

    values: Annotated[list[ColorWire], BeforeValidator(_list)] = []
    is_strict: Flag = Field(default=False, validation_alias="strict")
    is_multiple: Flag = Field(
        default=False, validation_alias=AliasChoices("multiple", "multi", "multiselect")
    )


class LinkedCategoryWire(WireModel):
    """The table a link field points to."""

    id: OptionalId = None
    name: Text = ""


class LinkWire(WireModel):
    """The settings of a link field."""

    category: Annotated[LinkedCategoryWire, BeforeValidator(_map)] = LinkedCategoryWire()


class FieldWire(WireModel):
    """One column's definition; its cells are read apart, they are many."""

    id: Id
    name: Text = ""
    code: Text = ""
    fixed_code: Text = ""
    type: Text = ""
    ctype: Text = ""
    has_time: Flag = Field(default=False, validation_alias="timeAndDate")
    date_format: Text = Field("", validation_alias="dateFormat")
    read_only: Flag = Field(default=False, validation_alias="readOnly")
    required: Flag = False
    sys_func: Text = Field("", validation_alias="sysFunc")
    enum: Annotated[EnumWire | None, BeforeValidator(lambda raw: raw or None)] = Field(
        None, validation_alias="enumColors"
    )
    is_multiple: Flag = Field(
        default=False, validation_alias=AliasChoices("multiple", "multi", "multiselect")
    )
    link: Annotated[LinkWire | None, BeforeValidator(lambda raw: raw or None)] = None


class ViewWire(WireModel):
    """A saved view of a table."""

    id: Id
    name: Text = ""
    filter_group: Any = Field(None, validation_alias="filterGroup")


class TableWire(WireModel):
    """A smart table; `sysFunc` and `pivot_id` mark those that are not a user's own."""

    id: Id
    name: Text = ""
    code: Text = ""
    description: Text = ""
    sys_func: Text = Field("", validation_alias="sysFunc")
    pivot_id: OptionalId = None
    total_row_count: OptionalId = Field(None, validation_alias="totalRowCount")
    forbid_add: Flag = Field(default=False, validation_alias="forbidAddRow")
    forbid_delete: Flag = Field(default=False, validation_alias="forbidDeleteRow")
    fields: Annotated[list[FieldWire], BeforeValidator(_list)] = []
    views: Annotated[list[ViewWire], BeforeValidator(_list)] = []
    row_places: AnyMap = Field({}, validation_alias="rowInfos")


class BookTablesWire(WireModel):
    """The tables of a book."""

    id: OptionalId = None
    name: Text = ""
    categories: Annotated[list[TableWire], BeforeValidator(_list)] = []


class MemberWire(WireModel):
    """A book's member; `apiRight` seems to gate the API, per book and member."""

    user: Text = Field("", validation_alias="u_c")
    api_right: Flag = Field(default=False, validation_alias="apiRight")


class OwnerPrefsWire(WireModel):
    """How the owner shows a book."""

    title: Text = ""
    cover_path: Text = Field("", validation_alias="oCoverImg")


class BookWire(WireModel):
    """A book; owner and code together identify it."""

    code: Text = Field(validation_alias="b_c")
    owner: Text = Field(validation_alias="b_o")
    stamp: OptionalId = Field(None, validation_alias="sstamp")
    description: Text = ""
    is_archived: Flag = Field(default=False, validation_alias="archived")
    is_deleted: Flag = Field(default=False, validation_alias="del")
    message_count: OptionalId = Field(None, validation_alias="nbMsgs")
    members: Annotated[list[MemberWire], BeforeValidator(_list)] = []
    owner_prefs: Annotated[OwnerPrefsWire, BeforeValidator(_map)] = Field(
        OwnerPrefsWire(), validation_alias="ownerPrefs"
    )


class AllBooksWire(WireModel):
    """The books of a user."""

    books: Annotated[list[BookWire], BeforeValidator(_list)] = []


class UserPrefsWire(WireModel):
    """What a user says about themself."""

    first_name: Text = Field("", validation_alias="fname")
    last_name: Text = Field("", validation_alias="lname")
    email: Text = Field("", validation_alias="mail1")
    language: Text = Field("", validation_alias="lang")
    time_zone: Text = Field("", validation_alias=AliasChoices("timezone", "tz"))
    has_two_factor: Flag = Field(default=False, validation_alias="twoFactor")


class UserWire(WireModel):
    """The user behind the session."""

    code: Text = Field("", validation_alias=AliasChoices("u_c", "uC"))
    book_count: OptionalId = Field(None, validation_alias="nbBooks")
    licence: Text = ""
    plan: Text = Field("", validation_alias="companyAccountPlan")
    prefs: Annotated[UserPrefsWire, BeforeValidator(_map)] = Field(
        UserPrefsWire(), validation_alias="userPrefs"
    )


class MessageWire(WireModel):
    """One message of a book's chat."""

    id: OptionalId = Field(None, validation_alias="smid")
    uuid: Text = ""
    text: Text = Field("", validation_alias="msg")
    body: Text = Field("", validation_alias="msgBody")
    author: Text = Field("", validation_alias="u_c")
    created_s: OptionalId = Field(None, validation_alias="created")
    stamp: OptionalId = Field(None, validation_alias="sstamp")
    row_id: OptionalId = Field(None, validation_alias="linkedRowId")
    is_deleted: Flag = Field(default=False, validation_alias="del")


class SentMessageWire(WireModel):
    """The receipt of a message."""

    id: OptionalId = Field(None, validation_alias="createMessageId")
    uuid: Text = ""
    created_s: OptionalId = Field(None, validation_alias="created")


class UploadedFileWire(WireModel):
    """The receipt of a file; ids and size come as text."""

    uuid: Text = ""
    name: Text = Field("", validation_alias=AliasChoices("originName", "name"))
    type: Text = ""
    size_bytes: OptionalId = Field(None, validation_alias="filesize")
    url: Text = ""
    row_id: OptionalId = None
    field_id: OptionalId = None


class CommentsWire(WireModel):
    """The comments of one cell."""

    row_id: OptionalId = Field(None, validation_alias="rowId")
    field_id: OptionalId = Field(None, validation_alias="fieldId")
    stamp: OptionalId = Field(None, validation_alias="sstamp")
    content: Any = Field(None, validation_alias="data")


class SessionWire(WireModel):
    """The keys of the three sign-in steps; each step fills its own."""

    app_key: Text = Field("", validation_alias="appkey")
    oauth_key: Text = Field("", validation_alias="oauthkey")
    user: Text = Field("", validation_alias="o_u")
    sesskey: Text = ""
    restrictions: AnyMap = {}


def read_as(model: type[ModelT], raw: object, *, operation: str) -> ModelT:
    """`raw` as `model`.

    Raises:
        MalformedAnswerError: The answer lacks what every such answer has; the message
            names the places, never the values.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        places = {".".join(map(str, each["loc"])) or "the whole" for each in error.errors()}
        raise MalformedAnswerError(
            f"TimeTonic's answer to {operation} could not be read at "
            + ", ".join(sorted(places)),
            system="timetonic",
            operation=operation,
        ) from None

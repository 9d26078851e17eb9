"""Which TimeTonic this is: every open question of the reference (section 16) as a switch.

Nobody has asked the live service yet, so the emulator can be each of the candidates.
The defaults are the likeliest reading of the evidence, strict where it is silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from toolkit.errors import UseError


@dataclass(frozen=True, slots=True)
class Variant:
    """One possible TimeTonic. The numbers in brackets are those of reference section 16.

    Attributes:
        auth: `lenient` answers calls without credentials, as the official wrapper's tests do.
        auth_http_status: Status beside the answer to a dead session key (1).
        default_page_size: Rows when `maxRows` is left out (2).
        max_page_size: Most rows in one answer, whatever `maxRows` says (2).
        batch_cap: Most rows in one write; more is refused (3).
        deadlock_above: Batches with more rows than this always deadlock; None never (3).
        deadlock_times: So many batch writes deadlock first, then all is well (3).
        create_answer: What a write tells about new rows (4).
        answer_order: Order of `rows` in the answer to a batch (4).
        date_codec: Encoding of dates, read and written (5).
        datetime_codec: Encoding of dates with time (5).
        date_format: `dateFormat` of the schema, used by the `formatted` codecs (5).
        number: Encoding of numbers on read; `decimal_comma` takes a comma on write too (6).
        boolean: Encoding of booleans on read (6).
        multi_codec: Encoding of multi-select lists on read (7).
        unknown_label: A link written as text whose label no row has (7).
        collation: Whether `is` ignores case, accents and trailing blanks, as MySQL does (8).
        rows_key: Keys of `fields` under `format=rows` (9).
        missing_functions: Functions this build does not have (10).
        knows_modified_after: Whether `lastModifiedAfter` filters or is ignored (10).
        shows_row_stamps: Whether `rowInfos` carries `sstamp` and `lastModified` (11).
        api_right: The member flag `apiRight` (12).
        api_right_gates: Whether `apiRight` "0" refuses the book (12).
        monthly_calls: Calls before the quota answer; None without end (13).
        batch_failure: One bad row fails the batch, or only itself (14).
        bad_value: A value its field cannot hold (15).
        strict_list: A label outside a strict list (15).
        read_only: A write to a field that cannot be written (15).
        deleted_delete: Deleting a row that is gone (15).
        error_texts: Own texts by error name, see `envelope.ERRORS` (1, 15).
        clear_with: Which written form empties a cell (16).
        empty_reads: What an empty text cell reads as (16).
        two_factor: Whether logins need a second factor, which the API cannot give (18).
        restrictions: Whether createSesskey reads `restrictions` as JSON text (18).
        files_public: Whether files are served without a session (19).
        unknown_req: Answer to a missing or unknown `req`.
        json_body: Whether a JSON request body is ignored, as PHP does, or refused.
        max_input_vars: PHP's limit; further variables are dropped silently.
    """

    auth: Literal["strict", "lenient"] = "strict"
    auth_http_status: int = 200
    default_page_size: int = 100
    max_page_size: int = 1000
    batch_cap: int = 200
    deadlock_above: int | None = None
    deadlock_times: int = 0
    create_answer: Literal["ids_only", "rows_with_fields", "tmp_ids"] = "rows_with_fields"
    answer_order: Literal["request", "reversed"] = "request"
    # Every moment seen inside a real answer (activity, messages, forms, events) is epoch seconds;
    # only schema stamps are text. `dateFormat` is listed beside numformat, which is display only.
    date_codec: Literal["epoch_s", "iso_date", "formatted"] = "epoch_s"
    datetime_codec: Literal["epoch_s", "iso_datetime", "formatted"] = "epoch_s"
    date_format: str = "YYYY-MM-DD"
    number: Literal["json", "string", "decimal_comma"] = "json"
    boolean: Literal["int", "bool", "words"] = "int"
    multi_codec: Literal["array", "text"] = "array"
    unknown_label: Literal["refuse", "drop"] = "refuse"
    collation: Literal["ci", "exact"] = "ci"
    rows_key: Literal["name", "id"] = "name"
    missing_functions: tuple[str, ...] = ()
    knows_modified_after: bool = False
    shows_row_stamps: bool = False
    api_right: Literal["0", "1"] = "1"
    api_right_gates: bool = False
    monthly_calls: int | None = None
    batch_failure: Literal["whole", "partial"] = "whole"
    bad_value: Literal["refuse", "drop"] = "refuse"
    strict_list: Literal["refuse", "drop", "store"] = "refuse"
    read_only: Literal["refuse", "drop"] = "refuse"
    deleted_delete: Literal["refuse", "ok"] = "refuse"
    error_texts: Mapping[str, str] | None = None
    clear_with: Literal["either", "null", "empty"] = "either"
    empty_reads: Literal["null", "empty_text"] = "null"
    two_factor: bool = False
    restrictions: Literal["ignored", "json"] = "json"
    files_public: bool = True
    unknown_req: Literal["html", "json"] = "html"
    json_body: Literal["ignored", "refused"] = "ignored"
    max_input_vars: int = 1000

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object] | None) -> Variant:
        """Build from plain settings, for example out of JSON.

        Raises:
            UseError: A name is unknown; the sentence lists the names there are.
        """
        settings = dict(mapping or {})
        names = [each.name for each in fields(cls)]
        if unknown := sorted(settings.keys() - set(names)):
            raise UseError(
                f"The TimeTonic emulator has no setting {unknown[0]!r}",
                remedy=f"The settings are {', '.join(names)}",
            )
        if "missing_functions" in settings:
            settings["missing_functions"] = tuple(settings["missing_functions"])  # type: ignore[arg-type]
        return cls(**settings)  # type: ignore[arg-type]

"""Who am I, which books are there, which tables do they hold."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.sandbox.timetonic.call import Access, Call, Handler
from toolkit.sandbox.timetonic.metadata import Metadata
from toolkit.sandbox.timetonic.state import Book, Message, TimeTonicState
from toolkit.sandbox.timetonic.table import Table


class BookFunctions:
    """getUserInfo, getAllBooks, getBookInfo, getBookTables."""

    def __init__(self, state: TimeTonicState, access: Access, metadata: Metadata) -> None:
        self._state = state
        self._access = access
        self._metadata = metadata

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Function name to function."""
        return {
            "getUserInfo": self.get_user,
            "getAllBooks": self.get_books,
            "getBookInfo": self.get_book,
            "getBookTables": self.get_tables,
        }

    def get_user(self, call: Call) -> dict[str, object]:
        """The account behind the session; what clients use to test their credentials."""
        user = self._state.users.get(call.user)
        first, _, last = (user.name if user else "").partition(" ")
        stamp = self._state.stamps.tick()
        preferences = {
            "fname": first,
            "lname": last,
            "mail1": user.email if user else "",
            "mob1": "",
            "lang": "en",
            "timezone": "Europe/Paris",
            "tz": "Europe/Paris",
            "twoFactor": self._state.variant.two_factor,
            "lastConnection": str(self._state.stamps.epoch_s()),
        }
        return {
            "sstamp": stamp,
            "userInfo": {
                "u_c": call.user,
                "nbBooks": len(self._access.books(call)),
                "licence": "start",
                "companyAccountPlan": "start",
                "rights": {"canCreateWorkspace": True},
                "firstTime": False,
                "projectID": 0,
                "sstamp": user.sstamp if user else 0,
                "uimgStamp": 0,
                "colors": {},
                "userPrefs": preferences,
            },
        }

    def get_books(self, call: Call) -> dict[str, object]:
        """The caller's books; `sstamp` keeps those that changed since, `b_c` + `b_o` one."""
        arguments = call.arguments
        is_one = bool(arguments.text("b_c"))
        books = [self._access.book(call)] if is_one else self._access.books(call)
        since = arguments.whole("sstamp")
        entries = [
            self._entry(book, place) for place, book in enumerate(books) if book.sstamp > since
        ]
        stamp = self._state.stamps.tick()
        listing = {"nbBooks": len(books), "nbContacts": 0, "contacts": [], "books": entries}
        return {"sstamp": stamp, "allBooks": listing}

    def get_book(self, call: Call) -> dict[str, object]:
        """One book, shaped like an entry of getAllBooks."""
        book = self._access.book(call)
        return {"sstamp": self._state.stamps.tick(), "book": self._entry(book, 0)}

    def get_tables(self, call: Call) -> dict[str, object]:
        """The tables of a book, with their fields when `includeFields` is true."""
        book = self._access.book(call)
        has_fields = call.arguments.flag("includeFields", default=False)
        tabs = [
            {
                "id": table.id + book.tab_offset,
                "category_id": table.id,
                "view_id": None,
                "order": order,
                "hidden": not table.is_plain,
            }
            for order, table in enumerate(book.tables, start=1)
        ]
        listing: dict[str, object] = {
            "id": book.id,
            "name": f"{book.code}.{book.owner}",
            "description": None,
            "creator": "timetonic",
            "timetonic": False,
            "system": False,
            "public": False,
            "lastModified": book.changed_epoch_s,
            "rights": {"modify": True, "select": 1},
            "right": 4,
            "tabs": tabs,
            # One category for each tab at the same place: an old client indexes both with one i.
            "categories": [self._category(each, has_fields=has_fields) for each in book.tables],
            "lastTabId": book.tables[0].id + book.tab_offset,
        }
        stamp = {"sstamp": self._state.stamps.tick()}
        if call.arguments.text("format") == "android":
            return {**stamp, "tabs": listing.pop("tabs"), "bookTables": [listing]}
        return {**stamp, "bookTables": listing}

    def _category(self, table: Table, *, has_fields: bool) -> dict[str, object]:
        fields = [
            {**self._metadata.of_field(table, field_id), "values": []}
            for field_id in table.fields
        ]
        return {
            **self._metadata.of_table(table),
            **({"fields": fields} if has_fields else {}),
            # PHP writes an empty map as a list; with rows in it, it is an object.
            "rowInfos": [],
            "rowInfosLength": 0,
        }

    def _entry(self, book: Book, place: int) -> dict[str, object]:
        last = book.messages[-1] if book.messages else None
        return {
            "invited": True,
            "accepted": True,
            "archived": False,
            "showFpOnOpen": True,
            "sstamp": book.sstamp,
            "del": False,
            "hideMessage": "2",
            "hideBookMembers": "2",
            "description": None,
            "defaultTemplate": "0",
            "isDownloadable": False,
            "canDisableSync": False,
            "b_c": book.code,
            "b_o": book.owner,
            "cluster": "1",
            "tags": None,
            "langs": None,
            "contact_u_c": None,
            "nbNotRead": 0,
            "nbMembers": len(book.members),
            "members": [self._member(book, code) for code in book.members],
            "fpForm": {
                "fpid": book.id,
                "name": f"{book.code}.{book.owner}",
                "lastModified": book.changed_epoch_s,
            },
            "lastMsg": message_json(book, last) if last else None,
            "nbMsgs": len(book.messages),
            "userPrefs": {"maxMsgsOffline": 100, "uCoverColor": "orange", "uCoverImg": None},
            "ownerPrefs": {
                "fpAutoExport": True,
                "oCoverColor": "jaune-indien",
                "oCoverUseLastImg": False,
                "oCoverImg": None,
                "oCoverType": "color",
                "authorizeMemberBroadcast": True,
                "acceptExternalMsg": True,
                "title": book.title,
                "notifyMobileConfidential": False,
            },
            "sbid": book.id + 1,
            "lastMsgRead": last.id if last else 0,
            "lastMedia": 0,
            "favorite": place == 0,
            "order": place,
        }

    def _member(self, book: Book, code: str) -> dict[str, object]:
        return {
            "u_c": code,
            "invite": "accepted",
            "right": 4 if code == book.owner else 2,
            "access": 1,
            "hideMessage": "2",
            "hideBookMembers": "2",
            "apiRight": self._state.variant.api_right,
        }


def message_json(book: Book, message: Message) -> dict[str, object]:
    """A message with the keys of the real `lastMsg` of 2024."""
    return {
        "smid": message.id,
        "uuid": message.uuid,
        "sstamp": message.sstamp,
        "lastCommentId": message.id,
        "msgBody": message.body,
        "msgType": "m",
        "msgMethod": "",
        "msgColor": "",
        "nbComments": 0,
        "pid": 0,
        "nbMedias": 0,
        "nbEmailCids": 0,
        "nbDocs": 0,
        "b_c": book.code,
        "b_o": book.owner,
        "u_c": message.user,
        "linkedRowId": message.row_id,
        "linkedTabId": None,
        "linkMessage": "",
        "linkedFieldId": message.field_id,
        "msg": message.text,
        "del": message.is_deleted,
        "created": message.created_epoch_s,
        "lastModified": message.sstamp // 10_000,
        "medias": [],
        "docs": [],
    }

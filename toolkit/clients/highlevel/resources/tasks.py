"""Tasks: on a contact, across the location, and recurring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.clients.highlevel.operations import hanging as op
from toolkit.clients.highlevel.wire.activity import TaskWrite
from toolkit.errors import UseError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from toolkit.clients.highlevel.session import Session
    from toolkit.clients.highlevel.wire.activity import (
        RecurringTask,
        RecurringTaskWrite,
        Task,
        TaskPage,
    )

_MAX_PAGE = 500


class Tasks:
    """`highlevel.tasks`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def list_for_contact(self, contact_id: str) -> tuple[Task, ...]:
        """All tasks of a contact in one answer.

        Raises:
            NotFoundError: There is no such contact.
        """
        return await self._session.run(op.LIST_TASKS.call({"contact_id": contact_id}))

    async def get(self, contact_id: str, task_id: str) -> Task:
        """One task.

        Raises:
            NotFoundError: There is no such task.
        """
        return await self._session.run(op.GET_TASK.call(_ids(contact_id, task_id)))

    async def create(self, contact_id: str, write: TaskWrite) -> Task:
        """A new task; calling it twice makes two.

        Raises:
            UseError: `title`, `due_at` or `is_completed` is missing.
            UnknownOutcomeError: Look it up before making another.
        """
        body = write.requiring("title", "due_at", "is_completed").declared()
        call = op.CREATE_TASK.call({"contact_id": contact_id}, body=body)
        return await self._session.run(call)

    async def update(self, contact_id: str, task_id: str, write: TaskWrite) -> Task:
        """Change the given keys."""
        call = op.UPDATE_TASK.call(_ids(contact_id, task_id), body=write.declared())
        return await self._session.run(call)

    async def set_completed(self, contact_id: str, task_id: str, *, is_completed: bool) -> Task:
        """Tick a task off, or open it again."""
        body = TaskWrite(is_completed=is_completed).declared()
        call = op.SET_TASK_COMPLETED.call(_ids(contact_id, task_id), body=body)
        return await self._session.run(call)

    async def delete(self, contact_id: str, task_id: str) -> None:
        """Delete for good; deleting again raises NotFoundError."""
        await self._session.run(op.DELETE_TASK.call(_ids(contact_id, task_id)))

    async def search(  # noqa: PLR0913 — the vendor's own filters
        self,
        *,
        contact_ids: Sequence[str] | None = None,
        owner_ids: Sequence[str] | None = None,
        is_completed: bool | None = None,
        query: str | None = None,
        business_id: str | None = None,
        limit: int = _MAX_PAGE,
        skip: int = 0,
        search_after: Sequence[Any] | None = None,
    ) -> TaskPage:
        """One page of the location's tasks, those without a contact included.

        Args:
            contact_ids: Only these contacts'.
            owner_ids: Only these users'.
            is_completed: Only done, or only open ones.
            query: Free text.
            business_id: Only this business's.
            limit: Tasks per page, 1 to 500 (500 seen live by others, read 2026-11).
            skip: Tasks to leave out; not together with `search_after`.
            search_after: Cursor of the last task seen.
        """
        if not 1 <= limit <= _MAX_PAGE:
            raise UseError("A page holds 1 to 500 tasks", unchanged="Nothing was sent")
        body: dict[str, Any] = {
            "limit": limit,
            "contactId": None if contact_ids is None else list(contact_ids),
            "assignedTo": None if owner_ids is None else list(owner_ids),
            "completed": is_completed,
            "query": query,
            "businessId": business_id,
            "searchAfter": None if search_after is None else list(search_after),
            "skip": skip if search_after is None else None,
        }
        given = {key: value for key, value in body.items() if value is not None}
        return await self._session.run(op.SEARCH_TASKS.call(body=given))

    async def iter_location_tasks(
        self, *, page_size: int = _MAX_PAGE, is_completed: bool | None = None
    ) -> AsyncIterator[TaskPage]:
        """Every task of the location, page by page.

        The vendor gives no total, so a count that is a multiple of `page_size` costs one
        empty page. There is no filter on time of change either.
        """
        cursor: Sequence[Any] | None = None
        seen = 0
        while True:
            page = await self.search(
                limit=page_size,
                is_completed=is_completed,
                search_after=cursor,
                skip=0 if cursor else seen,
            )
            yield page
            if len(page.tasks) < page_size:
                return
            seen += len(page.tasks)
            cursor = page.tasks[-1].search_after


class RecurringTasks:
    """`highlevel.recurring_tasks`; the vendor offers no list of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, task_id: str) -> RecurringTask:
        """One recurring task."""
        return await self._session.run(op.GET_RECURRING.call({"task_id": task_id}))

    async def create(self, write: RecurringTaskWrite) -> RecurringTask:
        """A new one; calling it twice makes two.

        Raises:
            UseError: `title` or `rule` is missing.
        """
        body = write.requiring("title", "rule").declared()
        return await self._session.run(op.CREATE_RECURRING.call(body=body))

    async def update(self, task_id: str, write: RecurringTaskWrite) -> RecurringTask:
        """Change the given keys."""
        call = op.UPDATE_RECURRING.call({"task_id": task_id}, body=write.declared())
        return await self._session.run(call)

    async def delete(self, task_id: str) -> None:
        """Make it no more."""
        await self._session.run(op.DELETE_RECURRING.call({"task_id": task_id}))


def _ids(contact_id: str, task_id: str) -> dict[str, str]:
    return {"contact_id": contact_id, "task_id": task_id}

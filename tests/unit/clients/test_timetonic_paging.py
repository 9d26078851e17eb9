import pytest

from toolkit.clients.timetonic.paging import PageWalk
from toolkit.errors import MalformedAnswerError


def walk_through(pages, *, size=3, is_filtered=False):
    walk = PageWalk(size, is_filtered=is_filtered)
    seen, steps = [], []
    for offset, total, ids in pages:
        assert walk.offset == offset
        step = walk.take(ids, total=total)
        seen += step.fresh
        steps.append(step)
        if step.is_last:
            break
    return walk, seen, steps


@pytest.mark.parametrize(
    ("pages", "seen", "calls", "is_shifted"),
    [
        ([(0, 0, [])], [], 1, False),
        ([(0, 2, [1, 2])], [1, 2], 1, False),
        ([(0, 3, [1, 2, 3])], [1, 2, 3], 1, False),  # no further, empty page
        ([(0, 4, [1, 2, 3]), (3, 4, [4])], [1, 2, 3, 4], 2, False),
        ([(0, 4, [1, 2, 3]), (3, 5, [4, 5])], [1, 2, 3, 4, 5], 2, True),  # grew meanwhile
        ([(0, 4, [1, 2, 3]), (3, 3, [])], [1, 2, 3], 2, True),  # shrank meanwhile
        ([(0, 6, [1, 2, 3]), (3, 6, [3, 4, 5])], [1, 2, 3, 4, 5], 2, True),  # seen twice
        ([(0, 5, [1, 2, 3, 4, 5])], [1, 2, 3, 4, 5], 1, False),  # maxRows ignored
        ([(0, 5, [1, 2]), (2, 5, [3, 4]), (4, 5, [5])], [1, 2, 3, 4, 5], 3, False),
        ([(0, 5, [1, 2, 3]), (3, 5, [])], [1, 2, 3], 2, True),  # rows we may not see
        ([(0, None, [1, 2, 3]), (3, None, [4])], [1, 2, 3, 4], 2, False),
        ([(0, None, [1, 2, 3]), (3, None, [])], [1, 2, 3], 2, False),
        ([(0, 2, [1, 1, 2])], [1, 2], 1, True),
    ],
)
def test_whole_listing_ends_without_an_extra_page(pages, seen, calls, is_shifted):
    _, rows, steps = walk_through(pages)

    assert (rows, len(steps), steps[-1].is_last) == (seen, calls, True)
    assert steps[-1].is_shifted is is_shifted


@pytest.mark.parametrize(
    ("pages", "seen"),
    [
        ([(0, 50, [1])], [1]),  # the total counts rows the filter hides
        ([(0, 50, [])], []),
        ([(0, 3, [1, 2, 3]), (3, 3, [])], [1, 2, 3]),
        ([(0, 50, [1, 2, 3]), (3, 50, [4])], [1, 2, 3, 4]),
    ],
)
def test_filtered_listing_ends_at_a_short_page(pages, seen):
    _, rows, steps = walk_through(pages, is_filtered=True)

    assert rows == seen
    assert steps[-1].is_last
    assert not steps[-1].is_shifted


@pytest.mark.parametrize(("total", "pages_allowed"), [(6, 4), (None, 3)])
def test_server_that_does_not_move_on_is_stopped(total, pages_allowed):
    walk = PageWalk(3, is_filtered=True)
    for _ in range(pages_allowed - 1):
        assert not walk.take([1, 2, 3], total=total).is_last

    with pytest.raises(MalformedAnswerError, match=f"{pages_allowed} pages"):
        walk.take([1, 2, 3], total=total)


def test_smaller_pages_than_asked_for_are_remembered():
    walk, _, _ = walk_through([(0, 4, [1, 2]), (2, 4, [3, 4])])

    assert walk.served_cap == 2


def test_full_pages_leave_no_cap():
    walk, _, _ = walk_through([(0, 4, [1, 2, 3]), (3, 4, [4])])

    assert walk.served_cap is None

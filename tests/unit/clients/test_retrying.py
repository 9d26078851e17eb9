import random

import pytest

from toolkit.clients.pacing import ManualClock
from toolkit.clients.retrying import RetryPolicy, is_worth_repeating
from toolkit.errors import (
    CredentialsError,
    DuplicateContactError,
    MalformedAnswerError,
    NotFoundError,
    NotReachedError,
    QuotaExhaustedError,
    RateLimitedError,
    RejectedError,
    UnknownOutcomeError,
    VendorError,
)


def error_of(kind: type[VendorError], status: int | None = None) -> VendorError:
    return kind("happened", system="highlevel", operation="GET /a", http_status=status)


@pytest.mark.parametrize(
    ("kind", "status", "repeats_read", "repeats_write"),
    [
        (NotReachedError, None, True, True),
        (RateLimitedError, 429, True, True),
        (UnknownOutcomeError, None, True, False),
        (UnknownOutcomeError, 401, True, False),
        (UnknownOutcomeError, 500, False, False),
        (UnknownOutcomeError, 502, True, False),
        (UnknownOutcomeError, 503, True, False),
        (UnknownOutcomeError, 504, True, False),
        (MalformedAnswerError, 200, False, False),
        (MalformedAnswerError, 502, False, False),
        (QuotaExhaustedError, 429, False, False),
        (CredentialsError, 401, False, False),
        (NotFoundError, 400, False, False),
        (RejectedError, 422, False, False),
        (DuplicateContactError, 400, False, False),
    ],
)
def test_a_write_is_repeated_only_when_provably_not_executed(
    kind, status, repeats_read, repeats_write
):
    error = error_of(kind, status)

    assert is_worth_repeating(error, is_read=True) is repeats_read
    assert is_worth_repeating(error, is_read=False) is repeats_write


class Flaky:
    """Fails as told, then answers."""

    def __init__(self, *errors: VendorError) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


@pytest.mark.parametrize("failures", [0, 1, 4])
async def test_the_first_success_is_returned(failures):
    clock = ManualClock()
    attempt = Flaky(*[error_of(NotReachedError)] * failures)

    answer = await RetryPolicy().run(attempt, is_read=False, clock=clock)

    assert answer == "answer"
    assert (attempt.tries, len(clock.sleeps)) == (failures + 1, failures)


async def test_the_last_error_is_raised_once_the_tries_are_used_up():
    attempt = Flaky(*[error_of(NotReachedError)] * 9)

    with pytest.raises(NotReachedError):
        await RetryPolicy(max_tries=3).run(attempt, is_read=True, clock=ManualClock())

    assert attempt.tries == 3


async def test_an_unanswered_write_is_tried_once():
    attempt = Flaky(error_of(UnknownOutcomeError))

    with pytest.raises(UnknownOutcomeError):
        await RetryPolicy().run(attempt, is_read=False, clock=ManualClock())

    assert attempt.tries == 1


@pytest.mark.parametrize(
    ("tries", "low_s", "high_s"),
    [(1, 0.25, 0.5), (2, 0.5, 1.0), (4, 2.0, 4.0), (30, 10.0, 20.0)],
)
def test_waits_double_up_to_the_cap_with_half_of_them_jitter(tries, low_s, high_s):
    policy = RetryPolicy(random=random.Random(7))

    waits = [policy.wait_s(error_of(NotReachedError), tries) for _ in range(200)]

    assert low_s <= min(waits) < max(waits) <= high_s


def test_a_refused_call_waits_as_long_as_the_vendor_says_and_a_little_more():
    refused = RateLimitedError("happened", system="highlevel")
    refused.retry_after_s = 10.0

    assert 10.0 <= RetryPolicy().wait_s(refused, 1) <= 10.5

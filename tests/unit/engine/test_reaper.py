"""Who takes over whose jobs."""

import logging
from datetime import timedelta

import pytest

from tests.unit.engine.bench import Hearts, JumpingClock
from toolkit.engine.reaper import MAX_LIVES, Claim, Reaper, find_orphans


@pytest.mark.parametrize(
    ("alive", "taken"),
    [
        pytest.param("b c", "", id="all live"),
        pytest.param("b", "c", id="one died"),
        pytest.param("", "b c", id="alone"),
        pytest.param("0 b", "", id="another is first and does it"),
    ],
)
def test_the_first_of_the_living_takes_the_jobs_of_the_dead(alive: str, taken: str) -> None:
    claims = [Claim(f"job of {who}", "work", who) for who in "abc"]

    orphans = find_orphans(claims, me="a", alive=set(alive.split()))

    assert [claim.executor_id for claim in orphans] == taken.split()


class Ledger:
    """Claims in memory."""

    def __init__(self, *claims: Claim) -> None:
        self.claims = list(claims)
        self.released: list[Claim] = []
        self.given_up: list[Claim] = []

    async def list_claims(self) -> list[Claim]:
        return self.claims

    async def release(self, claims: list[Claim]) -> None:
        self.released += claims

    async def give_up(self, claim: Claim) -> None:
        self.given_up.append(claim)


def reaper_of(ledger: Ledger, hearts: Hearts | None, clock: JumpingClock) -> Reaper:
    return Reaper(
        me="a", role="all", claims=ledger, heartbeats=hearts, clock=clock, dead_after_s=25
    )


@pytest.mark.parametrize(
    ("silent_s", "released"), [pytest.param(25, 0, id="late"), pytest.param(26, 1, id="dead")]
)
async def test_silence_counts_as_death_after_its_time(silent_s: int, released: int) -> None:
    clock, ledger = JumpingClock(), Ledger(Claim("j", "work", "b"))
    hearts = Hearts(b=clock.now() - timedelta(seconds=silent_s))

    acts_for_all = await reaper_of(ledger, hearts, clock).round(set)

    assert acts_for_all
    assert len(ledger.released) == released
    assert hearts.beats["a"] == clock.now()


async def test_a_process_alone_takes_whatever_others_left() -> None:
    ledger = Ledger(Claim("j", "work", "earlier", lives=2))

    await reaper_of(ledger, None, JumpingClock()).round(set)

    assert ledger.released == [Claim("j", "work", "earlier", lives=3)]


async def test_a_job_that_outlives_too_many_workers_is_given_up(caplog) -> None:
    poison = Claim("j", "work", "dead", lives=MAX_LIVES)
    ledger = Ledger(poison)

    with caplog.at_level(logging.ERROR):
        await reaper_of(ledger, None, JumpingClock()).round(set)

    assert (ledger.released, ledger.given_up) == ([], [poison])
    assert "given up" in caplog.text


@pytest.mark.parametrize(
    ("rounds", "released"),
    [
        pytest.param([set(), set()], 0, id="just claimed, or just done"),
        pytest.param([set(), set(), {"j"}, set(), set()], 0, id="seen at work in between"),
        pytest.param([set(), set(), set()], 1, id="nobody does it"),
    ],
)
async def test_an_own_claim_without_a_handler_is_put_back_after_a_while(
    rounds: list[set[str]], released: int
) -> None:
    ledger = Ledger(Claim("j", "work", "a"))
    reaper = reaper_of(ledger, None, JumpingClock())

    for working_on in rounds:
        await reaper.round(lambda at_work=working_on: at_work)

    assert len(ledger.released) == released

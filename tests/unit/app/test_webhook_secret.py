"""The secret that TimeTonic's "Call an API" shows us."""

from toolkit.app.home import Home
from toolkit.app.intake_timetonic import WEBHOOK_SECRET
from toolkit.app.setup import make_webhook_secret
from toolkit.app.setup_desk import open_whole


def stored(home):
    with open_whole(home) as (_, vault):
        return [vault.get("main", WEBHOOK_SECRET + suffix) for suffix in ("", ".next")]


def test_a_secret_is_stored_and_the_one_before_stays_good_for_one_more_turn(tmp_path):
    home = Home(tmp_path)

    first = make_webhook_secret(home, "main")
    assert stored(home) == [first, None]

    second = make_webhook_secret(home, "main")
    assert stored(home) == [second, first]

    third = make_webhook_secret(home, "main")
    assert stored(home) == [third, second]
    assert len({first, second, third}) == 3

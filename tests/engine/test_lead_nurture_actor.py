"""LN-3: who made a hit."""
from datetime import datetime, timedelta

import pytest
from lead_nurture_engine import actor

NOON = datetime(2026, 3, 2, 12, 0)
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_3) AppleWebKit/605 Safari/605.1"


def hit(seconds=0, **kw):
    return actor.Hit(NOON + timedelta(seconds=seconds), **{"agent": BROWSER, **kw})


@pytest.mark.parametrize(
    "agent",
    ["curl/8.9", "Go-http-client/2.0", "Mimecast URL Protect", "Googlebot/2.1", "HeadlessChrome/1"],
)
def test_agents_that_say_what_they_are(agent):
    assert actor.classify(hit(agent=agent)) == actor.Verdict("machine", "agent")


def test_people_with_odd_words_in_their_agent_stay_human():
    assert actor.classify(hit(agent="Mozilla/5.0 (Linux; CUBOT X19) Chrome/140")).actor == "human"


def test_the_prefetch_window_is_half_open_and_can_be_switched_off():
    at_once, at_limit = hit(sent_at=NOON), hit(10, sent_at=NOON)
    assert actor.classify(at_once).reason == "prefetch"
    assert actor.classify(at_limit).actor == "human"
    assert actor.classify(at_once, prefetch_seconds=0).actor == "human"
    assert actor.classify(hit(sent_at=NOON + timedelta(seconds=4))).reason == "prefetch"


def test_a_scanner_that_walks_all_links_slowly_in_steps_of_two_seconds():
    walk = [hit(2 * i, group="m", target=f"/{i}") for i in range(5)]
    assert {v.reason for v in actor.classify_all(walk)} == {"burst"}


def test_an_open_and_a_click_at_once_are_one_human():
    both = [hit(kind="open", group="m"), hit(1, kind="click", group="m", target="/a")]
    assert [v.actor for v in actor.classify_all(both)] == ["human", "human"]


def test_every_reason_has_a_sentence():
    seen = {
        actor.classify(h).reason
        for h in (hit(method="HEAD"), hit(agent="wget"), hit(sent_at=NOON), hit(agent=" "),
                  hit(kind="open", agent="Mozilla/5.0"))
    }
    assert seen | {"burst"} == set(actor.REASONS)

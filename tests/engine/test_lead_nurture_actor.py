"""LN-3: who made a hit."""
from datetime import datetime, timedelta

import pytest
from lead_nurture_engine import actor

NOON = datetime(2026, 3, 2, 12, 0)
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_3) AppleWebKit/605 Safari/605.1"
TABLE = [
    *(actor.Sign("contains", word) for word in ("bot", "curl", "go-http-client", "mimecast")),
    actor.Sign("contains", "cubot", actor.HUMAN),
    actor.Sign("exact", "mozilla/5.0", actor.SUSPECT, opens_only=True),
    actor.Sign("network", "198.51.100.0/24"),
    actor.Sign("network", "2001:db8::/32", actor.SUSPECT),
    actor.Sign("network", "192.0.2.8/32"),
]


def hit(seconds=0, **kw):
    return actor.Hit(NOON + timedelta(seconds=seconds), **{"agent": BROWSER, **kw})


def judge(**kw):
    return actor.classify(hit(**kw), TABLE)


@pytest.mark.parametrize(
    "agent", ["curl/8.9", "Go-http-client/2.0", "Mimecast URL Protect", "Googlebot/2.1"]
)
def test_agents_that_say_what_they_are(agent):
    assert judge(agent=agent) == actor.Verdict("machine", "agent")


def test_people_with_odd_words_in_their_agent_stay_human():
    assert judge(agent="Mozilla/5.0 (Linux; CUBOT X19) Chrome/140").actor == "human"


def test_a_longer_pattern_is_an_exception_in_either_direction():
    table = [*TABLE, actor.Sign("contains", "cubot spider")]
    assert actor.classify(hit(agent="Cubot Spider/1"), table).actor == "machine"
    assert actor.classify(hit(agent="Cubot X"), table).actor == "human"


def test_networks_known_wholly_or_in_part():
    assert judge(network="198.51.100.0/24") == actor.Verdict("machine", "network")
    assert judge(network="198.51.101.0/24").actor == "human"
    assert judge(network="2001:db8:7::/48") == actor.Verdict("suspect", "network")
    assert judge(network="192.0.2.0/24").actor == "machine", "no more than the /24 is kept"
    assert judge(network="2001:db9::/48").actor == "human"
    both = judge(network="2001:db8:7::/48", agent="curl/8")
    assert both == actor.Verdict("machine", "agent"), "the worse is believed"


def test_a_narrower_network_is_an_exception():
    table = [*TABLE, actor.Sign("network", "198.51.0.0/16", actor.SUSPECT)]
    assert actor.known(table, BROWSER, "198.51.7.0/24", False).actor == "suspect"
    assert actor.known(table, BROWSER, "198.51.100.0/24", False).actor == "machine"


def test_an_agent_nobody_noted_is_not_an_agent_that_told_no_name():
    assert judge(agent=None) == actor.Verdict("human")
    assert judge(agent="") == actor.Verdict("suspect", "no_agent")


def test_a_proxy_speaks_of_pictures_only():
    assert judge(agent="Mozilla/5.0", kind="open") == actor.Verdict("suspect", "proxy")
    assert judge(agent="Mozilla/5.0").actor == "human"


def test_the_prefetch_window_is_half_open_and_can_be_switched_off():
    at_once, at_limit = hit(sent_at=NOON), hit(10, sent_at=NOON)
    assert actor.classify(at_once).reason == "prefetch"
    assert actor.classify(at_limit).actor == "human"
    assert actor.classify(at_once, prefetch_seconds=0).actor == "human"
    assert actor.classify(hit(sent_at=NOON + timedelta(seconds=4))).reason == "prefetch"


def test_how_it_was_asked_comes_before_who_asked():
    assert judge(agent="curl/8", sent_at=NOON).reason == "prefetch"
    pair = [hit(agent="curl/8", group="m", target=t) for t in "ab"]
    assert {v.reason for v in actor.classify_all(pair, signs=TABLE)} == {"burst"}
    assert not {"head", "prefetch", "burst", "hand"} & set(actor.TABLE_REASONS)


def test_a_scanner_that_walks_all_links_slowly_in_steps_of_two_seconds():
    walk = [hit(2 * i, group="m", target=f"/{i}") for i in range(5)]
    assert {v.reason for v in actor.classify_all(walk)} == {"burst"}


def test_an_open_and_a_click_at_once_are_one_human():
    both = [hit(kind="open", group="m"), hit(1, kind="click", group="m", target="/a")]
    assert [v.actor for v in actor.classify_all(both)] == ["human", "human"]


@pytest.mark.parametrize("wrong", ["nonsense", "300.1.1.1", "10.0.0.0/4", "::/0", "", "1.2.3"])
def test_what_is_no_network_is_refused(wrong):
    with pytest.raises(ValueError):
        actor.clean_network(wrong)


def test_every_reason_has_a_sentence():
    seen = {
        actor.classify(h, TABLE).reason
        for h in (hit(method="HEAD"), hit(agent="curl"), hit(sent_at=NOON), hit(agent=" "),
                  hit(kind="open", agent="Mozilla/5.0"), hit(network="198.51.100.0/24"))
    }
    assert seen | {"burst", "blind", "answered", "hand"} == set(actor.REASONS)

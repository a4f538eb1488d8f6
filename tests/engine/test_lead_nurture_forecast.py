"""What comes out of a forecast is reckoned by hand here, and nobody is ever lost."""
import pytest
from lead_nurture_engine import forecast
from lead_nurture_engine.forecast import Stage, Standing, Way

MAIL = Stage("mail", (Way("next", "ask", 1.0),))
ASK = Stage(
    "ask",
    (
        Way("yes", "sales", 0.25, ((0, 0.6), (1, 0.4))),
        Way("timeout", "remind", 0.75, ((3, 1.0),), clock=True),
    ),
)
REMIND = Stage("remind", (Way("next", "end", 1.0),))
SALES = Stage("sales", (Way("next", "end", 1.0),))
WELCOME = (MAIL, ASK, REMIND, SALES, Stage("end"))


def check_mass(found, inside=0.0):
    """Nobody appears and nobody vanishes."""
    entered = ended = 0.0
    for day in range(found.days):
        entered += found.entered[day]
        ended += found.ended[day]
        standing = sum(line[day] for line in found.standing.values())
        assert entered + inside == pytest.approx(ended + standing), day


def test_welcome_by_hand():
    found = forecast.outlook(WELCOME, {("mail", 0): 100}, [], 5)
    assert found.arrive["mail"] == [100, 0, 0, 0, 0]
    assert found.arrive["sales"] == pytest.approx([15, 10, 0, 0, 0])
    assert found.arrive["remind"] == pytest.approx([0, 0, 0, 75, 0])
    assert found.standing["ask"] == pytest.approx([85, 75, 75, 0, 0])
    assert found.ended == pytest.approx([15, 10, 0, 75, 0])
    check_mass(found)


def test_waits_of_whole_days_are_exact():
    chain = [
        Stage(f"w{n}", (Way("next", f"w{n + 1}", 1.0, ((n, 1.0),)),)) for n in range(1, 5)
    ] + [Stage("w5")]
    found = forecast.outlook(chain, {("w1", 0): 7, ("w1", 2): 1}, [], 14)
    assert [day for day, n in enumerate(found.arrive["w5"]) if n] == [10, 12]
    assert found.arrive["w5"][10] == 7
    check_mass(found)


def test_a_delay_that_depends_on_the_calendar():
    """Waiting for Monday: who comes on a Friday (day 0) waits three days, on Saturday two."""
    monday = Stage(
        "wait", (Way("next", "end", 1.0, by_day=(((3, 1.0),), ((2, 1.0),), ((1, 1.0),))),)
    )
    found = forecast.outlook([monday, Stage("end")], {("wait", 0): 1, ("wait", 1): 2}, [], 5)
    assert found.ended == [0, 0, 0, 3, 0]


def test_people_who_stand_already_go_on_when_they_are_due():
    wait = Stage("wait", (Way("next", "end", 1.0, ((10, 1.0),), clock=True),))
    found = forecast.outlook(
        [wait, Stage("end")], {}, [Standing("wait", 4, 9, 1), Standing("wait", 6, 2, 8)], 10
    )
    assert found.ended == [0, 4, 0, 0, 0, 0, 0, 0, 6, 0]
    check_mass(found, inside=10)


def test_who_has_not_answered_yet_is_less_likely_to():
    """Of 85 who stand after the first day, 10 of the original 100 answer and 75 do not."""
    found = forecast.outlook(WELCOME, {}, [Standing("ask", 85, 1, 2)], 4)
    assert found.arrive["sales"] == pytest.approx([10, 0, 0, 0])
    assert found.arrive["remind"] == pytest.approx([0, 0, 75, 0])
    check_mass(found, inside=85)


def test_standing_for_longer_than_anybody_did():
    due = forecast.outlook(WELCOME, {}, [Standing("ask", 8, 30, 0)], 2)
    assert due.arrive["remind"][0] == pytest.approx(8), "no answer can come any more"
    unknown = forecast.outlook(WELCOME, {}, [Standing("ask", 8, 30)], 2)
    assert unknown.arrive["sales"][0] == pytest.approx(2)
    assert unknown.arrive["remind"][0] == pytest.approx(6)
    check_mass(due, inside=8)
    check_mass(unknown, inside=8)


def test_a_loop_with_a_wait_goes_round_and_loses_nobody():
    ring = [
        Stage("mail", (Way("next", "ask", 1.0),)),
        Stage("ask", (Way("yes", "end", 0.5, ((1, 1.0),)), Way("no", "mail", 0.5, ((1, 1.0),)))),
        Stage("end"),
    ]
    found = forecast.outlook(ring, {("mail", 0): 64}, [], 6)
    assert found.arrive["mail"] == [64, 32, 16, 8, 4, 2]
    assert found.ended == [0, 32, 16, 8, 4, 2]
    check_mass(found)


def test_a_loop_within_a_day_ends():
    ring = [Stage("a", (Way("again", "a", 0.9), Way("out", "", 0.1)))]
    found = forecast.outlook(ring, {("a", 0): 10}, [], 3)
    assert found.ended[0] == pytest.approx(10)
    check_mass(found)
    for_ever = [Stage("a", (Way("again", "a", 1.0, ((0, 0.5), (1, 0.5))),))]
    found = forecast.outlook(for_ever, {("a", 0): 10}, [], 30)
    assert found.standing["a"][-1] == pytest.approx(10)
    check_mass(found)


def test_a_draft_that_spins_without_a_pause_ends_all_the_same():
    ring = [Stage("a", (Way("next", "b", 1.0),)), Stage("b", (Way("next", "a", 1.0),))]
    found = forecast.outlook(ring, {("a", 0): 10}, [], 3)
    assert found.ended == [0, 0, 0]
    check_mass(found)


def test_steady_inflow_reaches_a_steady_state():
    """Little's law: 5 a day who stand for 4 days are 20 who stand."""
    wait = Stage("wait", (Way("next", "end", 1.0, ((4, 1.0),)),))
    found = forecast.outlook([wait, Stage("end")], {("wait", d): 5 for d in range(30)}, [], 30)
    assert found.standing["wait"][10:] == [20] * 20
    assert found.ended[10:] == [5] * 20
    check_mass(found)


def test_people_who_leave_early_end_there():
    stages = [Stage("a", (Way("next", "b", 0.8), Way("end", "", 0.2))), Stage("b")]
    found = forecast.outlook(stages, {("a", 0): 10}, [], 1)
    assert found.arrive["b"] == [8]
    assert found.ended == [10]


@pytest.mark.parametrize(
    "yes, no, share",
    [(0, 0, 0.1), (0, 90, 0.01), (10, 0, 0.55), (50, 50, 51 / 110), (1000, 9000, 1001 / 10010)],
)
def test_few_people_never_give_nothing_or_everything(yes, no, share):
    found = forecast.shares({"yes": yes, "no": no}, {"yes": 0.1, "no": 0.9})
    assert found["yes"] == pytest.approx(share)
    assert sum(found.values()) == pytest.approx(1)
    assert 0 < found["yes"] < 1

"""A journey that cannot run is refused with the step to look at; one that can is drawn whole."""
import doctest

from lead_nurture_engine import journey
from lead_nurture_engine.journey import Journey, Move, Step

WELCOME = Step("welcome", ("next",))
CLICK = Step("click", ("yes", "timeout"), pauses=True)
REMIND = Step("remind", ("next",))
SALES = Step("sales", ("next",))
END = Step("end")
MOVES = (
    Move("welcome", "next", "click"),
    Move("click", "yes", "sales"),
    Move("click", "timeout", "remind"),
    Move("sales", "next", "end"),
    Move("remind", "next", "end"),
)
GOOD = Journey("welcome", (WELCOME, CLICK, REMIND, SALES, END), MOVES)


def codes(graph):
    return [(problem.code, problem.uid) for problem in journey.problems(graph)]


def without(label, source):
    return tuple(m for m in MOVES if (m.label, m.source) != (label, source))


def test_doctests():
    assert doctest.testmod(journey).failed == 0


def test_a_sound_journey_has_no_problem():
    assert codes(GOOD) == []


def test_empty_and_startless():
    assert codes(Journey("x", (), ())) == [("empty", "")]
    assert codes(Journey("x", (END,), ())) == [("no_start", "")]


def test_missing_exit_names_the_step():
    graph = Journey("welcome", GOOD.steps, without("timeout", "click"))
    assert codes(graph) == [("missing_exit", "click"), ("unreachable", "remind")]


def test_exit_that_the_kind_does_not_have():
    graph = Journey("welcome", GOOD.steps, (*MOVES, Move("end", "next", "welcome")))
    assert codes(graph)[0] == ("odd_exit", "end")


def test_two_moves_on_one_exit():
    graph = Journey("welcome", GOOD.steps, (*MOVES, Move("click", "yes", "end")))
    assert codes(graph) == [("double_exit", "click")]


def test_move_to_a_removed_step():
    moves = (*without("next", "remind"), Move("remind", "next", "x"))
    graph = Journey("welcome", GOOD.steps, moves)
    assert codes(graph) == [("lost_exit", "remind")]


def test_loop_needs_a_pause():
    again = (*without("next", "remind"), Move("remind", "next", "welcome"))
    assert codes(Journey("welcome", GOOD.steps, again)) == [], "the wait stands in the loop"
    hasty = Step("click", ("yes", "timeout"))
    steps = (WELCOME, hasty, REMIND, SALES, END)
    assert codes(Journey("welcome", steps, again)) == [("loop", "welcome")]


def test_journey_without_an_end():
    steps = (Step("mail", ("next",)), Step("wait", ("next",), pauses=True))
    moves = (Move("mail", "next", "wait"), Move("wait", "next", "mail"))
    assert codes(Journey("mail", steps, moves)) == [("no_end", "")]


def test_steps_are_read_from_top_to_bottom():
    assert journey.reading_order(GOOD) == ("welcome", "click", "sales", "end", "remind")


def test_reading_survives_a_loop_and_a_hole():
    again = (*without("next", "remind"), Move("remind", "next", "welcome"))
    assert journey.reading_order(Journey("welcome", GOOD.steps, again))[-1] == "remind"
    hole = Journey("welcome", GOOD.steps, without("yes", "click"))
    assert journey.reading_order(hole) == ("welcome", "click", "remind", "end")
    assert journey.reading_order(Journey("nobody", GOOD.steps, ())) == ()

"""What becomes of people under way when the steps change."""
from itertools import pairwise

import pytest
from lead_nurture_engine import revision
from lead_nurture_engine.journey import Journey, Move, Step

MAIL = Step("mail", ("next",))
WAIT = Step("wait", ("next",), pauses=True)
ASK = Step("ask", ("yes", "timeout"), pauses=True)
EXTRA = Step("extra", ("next",))
END = Step("end")


def line(*steps):
    """Steps one behind the other, each left by its quiet way; `ask` leads to the end by yes."""
    moves = []
    for step, after in pairwise(steps):
        moves += [Move(step.uid, label, after.uid) for label in step.exits if label != "yes"]
        moves += [Move(step.uid, label, "end") for label in step.exits if label == "yes"]
    return Journey(steps[0].uid, steps, tuple(moves))


OLD = line(MAIL, ASK, WAIT, END)


@pytest.mark.parametrize(
    ("kept", "lands"),
    [
        ((MAIL, ASK, WAIT, END), "ask"),
        ((MAIL, WAIT, END), "wait"),
        ((MAIL, END), "end"),
        ((MAIL,), None),
    ],
)
def test_who_stood_at_a_removed_step_goes_on_behind_it(kept, lands):
    assert revision.follower(OLD, line(*kept), "ask") == lands


def test_a_loop_of_removed_steps_leads_nowhere_and_ends():
    loop = Journey(
        "mail",
        (MAIL, WAIT),
        (Move("mail", "next", "wait"), Move("wait", "next", "mail")),
    )
    assert revision.follower(loop, line(END), "wait") is None


@pytest.mark.parametrize(
    ("old", "new", "uid", "target", "expected"),
    [
        # a mail moved behind the wait: who had it must not get it again
        (line(MAIL, WAIT, END), line(WAIT, MAIL, END), "wait", "wait", {"mail", "wait"}),
        # a new mail is news for everybody
        (line(MAIL, WAIT, END), line(MAIL, WAIT, EXTRA, END), "wait", "wait", {"mail", "wait"}),
        # what lies ahead in the old edition lies ahead in the new one
        (line(MAIL, ASK, WAIT, END), line(MAIL, ASK, WAIT, END), "mail", "mail", {"mail"}),
        # sent back by hand: the target is passed over by those who had it
        (line(MAIL, WAIT, END), line(MAIL, WAIT, END), "wait", "mail", {"mail", "wait"}),
        # sent ahead by hand: the target counts, though the old edition leads there
        (line(MAIL, WAIT, ASK, END), line(MAIL, ASK, END), "mail", "ask", {"mail", "ask"}),
    ],
)
def test_nobody_gets_a_step_twice_because_of_a_change(old, new, uid, target, expected):
    assert revision.not_again(old, new, uid, target) == expected


def test_a_loop_of_the_old_edition_may_repeat():
    weekly = Journey(
        "mail",
        (MAIL, WAIT, END),
        (Move("mail", "next", "wait"), Move("wait", "next", "mail")),
    )
    assert revision.not_again(weekly, weekly, "wait", "wait") == set()
    assert revision.not_again(weekly, weekly, "wait", "mail") == {"mail"}

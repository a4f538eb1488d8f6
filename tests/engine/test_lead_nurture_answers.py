"""Chosen answers become events at their time; drawn ones follow the shares and can be repeated."""
from collections import Counter
from datetime import datetime, timedelta

import pytest
from lead_nurture_engine import answers
from lead_nurture_engine.answers import Answer, Script

NINE = datetime(2026, 3, 16, 9)


@pytest.mark.parametrize(
    "what, kinds",
    [
        ("none", []),
        ("open", ["mail_open"]),
        ("click", ["mail_open", "mail_click"]),
        ("reply", ["mail_open", "mail_reply"]),
        ("happens", []),
    ],
)
def test_answers_to_a_mail(what, kinds):
    found = answers.events_of(Answer(what, 2), "", NINE)
    assert [kind for kind, _at in found] == kinds
    assert all(at >= NINE + timedelta(hours=2) for _kind, at in found)


def test_an_event_that_is_waited_for():
    assert answers.events_of(Answer("happens", 1), "purchase", NINE) == [
        ("purchase", NINE + timedelta(hours=1))
    ]
    assert answers.events_of(Answer("click", 1), "purchase", NINE) == []


def test_the_usual_answer_is_for_mails_only():
    script = Script(usual=Answer("click", 1))
    assert script.answer("mail", 1, 1, "").what == "click"
    assert script.answer("ask", 1, 2, "purchase").what == "none"


def test_an_answer_for_a_step_goes_first():
    script = Script({"second": Answer("none")}, Answer("click", 1))
    script.plan("first", 1, 1, NINE)
    script.plan("second", 1, 2, NINE)
    assert [event.kind for event in script.due(NINE + timedelta(days=1))] == [
        "mail_open", "mail_click",
    ]  # fmt: skip


def test_what_happens_comes_in_order_and_once():
    script = Script(usual=Answer("open", 5))
    script.plan("mail", 1, 1, NINE)
    script.plan("mail", 2, 1, NINE - timedelta(hours=2))
    assert script.next_at() == NINE + timedelta(hours=3)
    assert [event.who for event in script.due(NINE + timedelta(hours=4))] == [2]
    assert [event.who for event in script.due(NINE + timedelta(hours=5))] == [1]
    assert script.due(NINE + timedelta(days=9)) == []


def test_draws_follow_the_shares_and_can_be_repeated():
    def drawn(seed):
        script = Script(
            usual=Answer("history"),
            seed=seed,
            mail_shares={"": {"click": 0.2, "open": 0.3, "none": 0.5}},
        )
        return [script.answer("mail", who, 1, "") for who in range(2_000)]

    once = drawn(1)
    assert once == drawn(1) != drawn(2)
    counted = Counter(answer.what for answer in once)
    # five standard errors: a draw of 2,000 misses that once in a million times
    assert abs(counted["click"] - 400) < 5 * (2_000 * 0.2 * 0.8) ** 0.5
    assert abs(counted["open"] - 600) < 5 * (2_000 * 0.3 * 0.7) ** 0.5


def test_a_step_with_a_history_is_drawn_by_it():
    script = Script(
        usual=Answer("history"),
        mail_shares={"": {"none": 1.0}, "good": {"click": 1.0}},
        event_shares={"": {"happens": 1.0}},
    )
    assert script.answer("good", 1, 1, "").what == "click"
    assert script.answer("new", 1, 1, "").what == "none"
    assert script.answer("ask", 1, 1, "purchase").what == "happens"

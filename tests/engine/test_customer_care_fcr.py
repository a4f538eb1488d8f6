"""First contact resolution and mere thanks (CC-6, CC-7)."""
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from customer_care_engine import fcr, gratitude

NOON = datetime(2026, 3, 2, 12)
LATER = NOON + timedelta(days=8)


@pytest.mark.parametrize(("facts", "state", "reason"), [
    ({}, "yes", "one_contact"),
    ({"before": 2}, "no", "contacts"),
    ({"reopened": 1}, "no", "reopened"),
    ({"after": 1}, "no", "came_back"),
    ({"again": 1}, "no", "again"),
    ({"handed_over": 1}, "yes", "one_contact"),
    ({"before": 0}, "excluded", "no_contact"),
    ({"proactive": True}, "excluded", "proactive"),
    ({"close_reason": "solved"}, "yes", "one_contact"),
    ({"close_reason": "no_answer"}, "yes", "one_contact"),
    ({"resolved_at": None}, None, None),
    ({"resolved_at": None, "close_reason": "no_answer"}, "excluded", "no_answer"),
    *(({"close_reason": reason}, "excluded", reason) for reason in fcr.LEFT_OUT),
    *(({"resolved_at": None, "close_reason": reason}, "excluded", reason)
      for reason in fcr.LEFT_OUT),
])
def test_truth_table(facts, state, reason):
    told = fcr.verdict(replace(fcr.Facts(NOON), **facts), LATER, 7)
    assert (told.state, told.reason) == (state, reason)


def test_a_hand_over_where_it_breaks():
    facts = fcr.Facts(NOON, handed_over=1)
    assert fcr.verdict(facts, LATER, 7, handover_breaks=True).reason == "handed_over"


def test_nothing_is_final_before_the_window_has_passed():
    """Whatever happened: bad news would otherwise be counted before good news."""
    for before, after, reopened, again in product((1, 2), (0, 1), (0, 1), (0, 1)):
        facts = fcr.Facts(NOON, before=before, after=after, reopened=reopened, again=again)
        early = fcr.verdict(facts, NOON + timedelta(days=7), 7)
        final = fcr.verdict(facts, NOON + timedelta(days=7, seconds=1), 7)
        assert early.state == "pending"
        assert final.state == ("no" if early.reason else "yes")


def test_published_interval():
    """Wilson's interval as in Newcombe (1998): 81 of 263 and 15 of 148."""
    assert [round(end, 1) for end in fcr.interval(81, 263)] == [25.5, 36.6]
    assert [round(end, 1) for end in fcr.interval(15, 148)] == [6.2, 16.0]
    assert fcr.interval(10, 10)[1] == pytest.approx(100)
    assert fcr.interval(0, 0) is None


@pytest.mark.parametrize("text", [
    "Thanks!", "Thank you very much for your quick help. Best regards, John Miller", "thx",
    "Cảm ơn em nhiều nhé!", "Xin cảm ơn ạ", "ขอบคุณมากครับ", "ขอบคุณค่ะ", "謝謝您的幫忙!", "谢谢",
    "好的, 感謝您", "ありがとうございました。",
    "お世話になっております。早速のご対応ありがとうございます。",
    "Perfect, thanks", "Dear Anna,\nthank you, all good now.\nKind regards\nBob",
    "Thanks\n\nSent from my iPhone", "Great, it works now. Thank you!", "Thanks :)",
    "Thanks!\r\n\r\nOn Mon, 2 Mar 2026 at 10:00, Anna <anna@example.com>\r\nwrote:\r\n> Done?",
    "ขอบคุณครับ\n\nเมื่อ จ. 2 มี.ค. 2026 Anna เขียนว่า:\n> ใช้ได้ไหม",
    "Cảm ơn\n\nVào Th 2, 2 thg 3, 2026 Anna đã viết:\n> Xong chưa?",
    "Thank you\n\n________________________________\nFrom: Anna\nSent: Monday\nIs it better?",
])
def test_mere_thanks(text):
    assert gratitude.is_thanks(text)


@pytest.mark.parametrize("text", [
    "", "ok", "Thanks but no", "Thanks. Please send the invoice", "Thanks, order 4711",
    "Cảm ơn nhưng máy vẫn rò nước", "cảm ơn, khi nào giao hàng", "ขอบคุณ แต่ยังไม่ได้ของ",
    "謝謝, 但是還是漏水", "ありがとうございます。まだ届いていません。", "Thank you?",
    "Thank you for nothing, I want my money back", "The grinder leaks again", "Great, broken again",
    "Thanks for the grinder which leaks water everywhere", "Great. It leaks again", "perfect leak",
    "Thanks\nit leaks", "> Did it help?\nNo.", "Thanks\n> Did it help?\nBut it leaks.",
    "Thanks a lot, really great service, the lid is missing", "thanks " * 60,
    "thanks" + "\n" * 200_000,
])
def test_somebody_wants_something(text):
    assert not gratitude.is_thanks(text)

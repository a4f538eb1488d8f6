"""When a wait is over and when a failed step or mail is tried again."""
import doctest
from datetime import datetime, timedelta

import pytest
from lead_nurture_engine import cadence

NOW = datetime(2026, 3, 1, 12)


def test_doctests():
    assert doctest.testmod(cadence).failed == 0


@pytest.mark.parametrize(
    ("count", "unit", "expected"),
    [
        (0, "minutes", NOW),
        (90, "minutes", datetime(2026, 3, 1, 13, 30)),
        (36, "hours", datetime(2026, 3, 3)),
        (30, "days", datetime(2026, 3, 31, 12)),
        (2, "weeks", datetime(2026, 3, 15, 12)),
    ],
)
def test_due(count, unit, expected):  # LN-31
    assert cadence.due(NOW, count, unit) == expected


def test_pauses_grow_and_end():  # LN-43
    pauses = []
    attempts = 1
    while (at := cadence.retry_at(NOW, attempts)) is not None:
        pauses.append(at - NOW)
        attempts += 1
    assert pauses == sorted(set(pauses)), "each pause is longer than the one before"
    assert attempts == len(cadence.STEP_RETRIES) + 1


def test_mail_is_retried_for_more_than_a_day():  # LN-43
    total = sum(cadence.MAIL_RETRIES, timedelta())
    assert timedelta(hours=24) < total < timedelta(hours=48)


@pytest.mark.parametrize(
    ("failure_type", "reason", "verdict"),
    [
        ("mail_smtp", "[Errno 111] Connection refused", "retry"),
        ("unknown", "SMTPSenderRefused: (452, b'4.3.1 Insufficient storage', 'a@b.c')", "retry"),
        ("unknown", "SMTPRecipientsRefused: {'x@y.z': (550, b'5.1.1 No such user')}", "bounce"),
        ("unknown", "{'a': (451, b'wait'), 'b': (550, b'gone')}", "bounce"),
        ("unknown", "Port (587) closed", "retry"),
        ("mail_email_invalid", "Missing address", "refused"),
        ("mail_optout", None, "refused"),
        (False, False, "retry"),
    ],
)
def test_mail_verdict(failure_type, reason, verdict):  # LN-43
    assert cadence.mail_verdict(failure_type, reason) == verdict

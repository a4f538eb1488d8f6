"""Tickets of another helpdesk in the words of cases (CC-3)."""
import pytest
from customer_care_engine import helpdesk


@pytest.mark.parametrize(("name", "closed", "unattended", "kind"), [
    ("New", False, True, "new"), ("In Progress", False, False, "open"),
    ("Awaiting", False, False, "waiting"), ("On hold", False, False, "waiting"),
    ("Done", True, False, "closed"), ("Waiting, closed", True, True, "closed"),
    (None, False, False, "open"), ("Chờ khách hàng", False, False, "waiting"),
])
def test_a_stage_by_its_flags_then_by_its_name(name, closed, unattended, kind):
    assert helpdesk.kind_of(name, closed, unattended) == kind


@pytest.mark.parametrize(("name", "reason"), [
    ("Done", "solved"), ("Cancelled", "cancelled"), ("Rejected", "cancelled"), (None, "solved")])
def test_why_it_ended(name, reason):
    assert helpdesk.reason_of(name) == reason


def test_every_priority_has_its_severity():
    assert [helpdesk.severity_of(one) for one in ("0", "1", "2", "3", False, "9")] == [
        "1", "2", "3", "4", "2", "2"]

from datetime import timedelta
from unittest.mock import patch

import psycopg2
from odoo import fields
from odoo.tests import tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestNightBusy(CaseCommon):
    """Whoever works on the same row at night is no failure of the row: the night comes again."""

    def _busy(self, *_args, **_kwargs):
        raise psycopg2.errors.SerializationFailure("somebody was faster")

    def test_a_case_that_somebody_works_on_is_closed_by_the_next_try(self):  # CC-7, P-11
        case = self._open_case()
        case.action_resolve()
        now = fields.Datetime.now() + timedelta(days=self.company.care_autoclose_days + 1)
        nights = self.env["care.night"].sudo()
        with patch.object(type(case), "_close", self._busy), self.assertRaises(
                psycopg2.errors.SerializationFailure):
            nights._night_case_close(self.company, now, case.id - 1)
        nights._night_case_close(self.company, now, case.id - 1)
        self.assertEqual(case.stage_kind, "closed")

    def test_an_overdue_call_back_that_somebody_works_on_is_told_by_the_next_try(self):  # CC-8
        now = fields.Datetime.now()
        answers = self.env["care.feedback"].sudo()
        answer = answers.create({
            "metric": "nps", "value": 0, "scale_min": 0, "scale_max": 10, "band": "detractor",
            "responded_at": now, "partner_id": self.writer.id, "company_id": self.company.id,
            "follow_state": "open", "follow_due": now.date() - timedelta(days=2)})
        with patch.object(type(answer), "_escalate", self._busy), self.assertRaises(
                psycopg2.errors.SerializationFailure):
            answers._escalate_overdue(self.company, now)
        answers._escalate_overdue(self.company, now)
        self.assertEqual(answer.follow_escalated_at, now)

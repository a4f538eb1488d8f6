"""The cast of a complaint: its cause, its remedies, its night."""
from datetime import timedelta

from freezegun import freeze_time

from .common import NOW
from .common_case import CaseCommon


class ComplaintCommon(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.cause = cls.env["care.root.cause"].sudo().create({"name": "Test leak"})
        cls.remedies = cls.env["care.remedy"].sudo()

    def _complain(self, partner=None, **values):
        return self._open_case(partner, **{"kind": "complaint", **values})

    def _give(self, case, kind="replace", amount=0, **values):
        return self.remedies.create(
            {"case_id": case.id, "kind": kind, "amount": amount, **values})

    def _settle(self, partner, ago, **values):
        """A complaint that was resolved so many days ago."""
        case = self._complain(partner, **values)
        with freeze_time(NOW - timedelta(days=ago)):
            case.action_resolve()
        return case

    def _night(self, now=NOW):
        self.env["care.night"].sudo()._run_steps(self.company, now, "bought_again")

    def _report(self, cases):
        self.env.flush_all()
        reports = self.env["care.complaint.report"].sudo().with_context(
            allowed_company_ids=self.company.ids)
        return reports.search([("case_id", "in", cases.ids)], order="id")

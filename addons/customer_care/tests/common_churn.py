"""A year of churn and retention, printed month by month."""
from datetime import date, datetime

from odoo.addons.customer_care.engine import churn
from odoo.addons.customer_care.models.care_figures import Scope

from .common import CareCommon

JANUARY, DECEMBER = date(2025, 1, 1), date(2025, 12, 1)


class ChurnCommon(CareCommon):
    """A year of a small shop, printed month by month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nights = cls.env["care.night"].sudo()
        cls.months = cls.env["care.customer.month"].sudo()
        cls.periods = cls.env["care.churn.period"].sudo()
        cls.corrections = cls.env["care.churn.correction"].sudo()
        cls.company.write({
            "care_lapse_days": 60, "care_close_days": 3, "care_lapse_mode": "rhythm"})

    def _night(self, on):
        """The night of a day: figures first, as the day's count left them."""
        now = datetime.combine(on, datetime.min.time()).replace(hour=1)
        partners = self.env["account.move"].search([
            ("company_id", "=", self.company.id), ("state", "=", "posted")]).commercial_partner_id
        self.figures._refresh(self.company, Scope(ids=tuple(partners.ids)), now)
        self.nights._run_steps(
            self.company, now, "calibrate", "status", "months", "periods", "contracts",
            "corrections")

    def _run_year(self):
        """January to December, each printed on the fourth of the next month."""
        for step in range(12):
            month = churn.next_month(JANUARY, step + 1)
            self._night(month.replace(day=4))

    def _period(self, first=JANUARY, span="month", kind="purchases"):
        return self.periods.search([
            ("company_id", "=", self.company.id), ("date_from", "=", first),
            ("span", "=", span), ("kind", "=", kind)])

    def _story(self, partner):
        return self.months.search([
            ("partner_id", "=", partner.id), ("company_id", "=", self.company.id)], order="month")

    def _buys(self, name, *days, amount=100.0):
        partner = self._create_customer(name)
        for day in days:
            self._create_posted(partner, day, amount)
        return partner

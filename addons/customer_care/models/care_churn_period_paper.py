from odoo import models

from .care_churn_facts import COUNTS, MONEY

#: Lost customers named on paper, those who brought most first; the screen names all.
NAMED = 40


class CareChurnPeriod(models.Model):
    """A printed period on paper, today as on its day: what was printed, and apart what is known."""

    _inherit = "care.churn.period"

    def _paper_counts(self):
        """[(label, number)] as printed; what is usually nothing is told where it is something."""
        rare = ("returned", "brief", "corrected")
        return [
            (self._label(name), self[name]) for name in COUNTS if self[name] or name not in rare]

    def _paper_money(self):
        return [(self._label(name), self[name]) for name in MONEY]

    def _paper_lost(self):
        """The printed rows of those who were lost, and how many more there are."""
        months = self.env["care.customer.month"]
        domain = [("figure", "=", f"{self.id}:lost")]
        rows = months.search(domain, order="revenue_before desc, id", limit=NAMED)
        return {"rows": rows, "more": max(self.lost - len(rows), 0)}

    def _paper_known(self):
        """[(label, printed, difference, known today)] of the counts that later documents change."""
        sums = self.env["care.churn.correction"]._sums(self).get(self.id, {})
        return [
            (self._label(name), self[name], f"{sums[name]:+d}", self[name] + sums[name])
            for name in COUNTS if sums.get(name)]

    def _paper_days(self):
        """The day on which it was printed first, and today, as the company counts days."""
        company = self.company_id
        return {"printed": self.printed_at and company._care_today(self.printed_at),
                "today": company._care_today()}

    def _label(self, name):
        return self._fields[name]._description_string(self.env)

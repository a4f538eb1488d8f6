from functools import partial

from odoo import fields, models
from odoo.exceptions import AccessError

#: KPI of the digest: metric.
KPIS = {"kpi_care_nps": "nps", "kpi_care_ces": "ces", "kpi_care_csat": "csat"}


class DigestDigest(models.Model):
    """What customers answered in the last 90 days, with what it rests on."""

    _inherit = "digest.digest"

    kpi_care_nps = fields.Boolean("NPS of 90 days")
    kpi_care_nps_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_nps_value",
        help="Share of 9–10 less share of 0–6, in points; the last answer of each person.")
    kpi_care_ces = fields.Boolean("CES of 90 days (%)")
    kpi_care_ces_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_ces_value",
        help="Share of answers 5–7 of 7 to “you made it easy”.")
    kpi_care_csat = fields.Boolean("CSAT of 90 days (%)")
    kpi_care_csat_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_csat_value",
        help="Share of answers 4–5 of 5.")

    def _compute_kpi_care_nps_value(self):
        for digest in self:
            digest.kpi_care_nps_value = digest._measure_care_answers("nps").figure

    def _compute_kpi_care_ces_value(self):
        for digest in self:
            digest.kpi_care_ces_value = digest._measure_care_answers("ces").figure

    def _compute_kpi_care_csat_value(self):
        for digest in self:
            digest.kpi_care_csat_value = digest._measure_care_answers("csat").figure

    def _measure_care_answers(self, metric):
        """A line that rests on too few answers is left out of the mail, never 0."""
        self._check_care_reader()
        company, first, last = self._get_care_span()
        score = self.env["care.feedback"]._measure(
            company, metric, company._care_begin(first), company._care_begin(last))
        if score.n < company.care_min_answers:
            raise AccessError(self.env["care.feedback"]._tell_result(
                score, company.care_min_answers))
        return score

    def _care_span_kpis(self):
        return super()._care_span_kpis() | {
            kpi: partial(self._tell_care_answers, metric) for kpi, metric in KPIS.items()}

    def _tell_care_answers(self, metric):
        answers, score = self.env["care.feedback"], self._measure_care_answers(metric)
        return ", ".join((answers._tell_interval(score), answers._tell_parts(score)))

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("customer_care.menu_root").id
        return super()._compute_kpis_actions(company, user) | dict.fromkeys(
            KPIS, f"customer_care.care_feedback_report_action?menu_id={menu}")

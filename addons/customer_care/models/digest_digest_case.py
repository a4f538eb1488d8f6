from odoo import fields, models
from odoo.exceptions import AccessError

from .care_dashboard_case import ENOUGH
from .care_stage import OPEN_KINDS


class DigestDigest(models.Model):
    """Open cases of this moment, and how soon customers heard from us."""

    _inherit = "digest.digest"

    kpi_care_open_cases = fields.Boolean("Open cases")
    kpi_care_open_cases_value = fields.Integer(compute="_compute_kpi_care_open_cases_value")
    kpi_care_first_reply = fields.Boolean("First reply of 90 days (working hours, median)")
    kpi_care_first_reply_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_first_reply_value")

    def _compute_kpi_care_open_cases_value(self):
        """Opened before the end of the span and not settled by then."""
        self._check_care_reader()
        _start, end, companies = self._get_kpi_compute_parameters()
        counts = dict(self.env["care.case"]._read_group(
            [("company_id", "in", companies.ids), ("opened_at", "<", end),
             "|", ("stage_kind", "in", OPEN_KINDS),
             "|", ("last_resolved_at", ">=", end),
             "&", ("last_resolved_at", "=", False), ("closed_at", ">=", end)],
            ["company_id"], ["__count"]))
        for digest in self:
            digest.kpi_care_open_cases_value = counts.get(
                digest.company_id or self.env.company, 0)

    def _compute_kpi_care_first_reply_value(self):
        for digest in self:
            _answered, digest.kpi_care_first_reply_value = digest._measure_care_reply()

    def _measure_care_reply(self):
        """A median of too few is left out of the mail, never 0."""
        self._check_care_reader()
        company, first, last = self._get_care_span()
        [(answered, median)] = self.env["care.case.report"]._read_group(
            [("company_id", "=", company.id), ("opened_at", ">=", company._care_begin(first)),
             ("opened_at", "<", company._care_begin(last))],
            [], ["answered:sum", "reply_median:avg"])
        if (answered or 0) < ENOUGH:
            raise AccessError(self.env._("Too few cases were answered for a median."))
        return answered, median

    def _care_span_kpis(self):
        return super()._care_span_kpis() | {"kpi_care_first_reply": self._tell_care_reply}

    def _tell_care_reply(self):
        answered, _median = self._measure_care_reply()
        return self.env._("%s cases were answered in writing", answered)

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("customer_care.menu_root").id
        return super()._compute_kpis_actions(company, user) | {
            "kpi_care_open_cases": f"customer_care.care_case_action?menu_id={menu}",
            "kpi_care_first_reply": f"customer_care.care_case_report_action_quarter?menu_id={menu}"}

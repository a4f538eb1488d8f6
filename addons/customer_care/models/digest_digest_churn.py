from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    """Churn and retention of the month printed last."""

    _inherit = "digest.digest"

    kpi_care_churn_rate = fields.Boolean("Churn of the last month (%)")
    kpi_care_churn_rate_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_churn_rate_value")
    kpi_care_retention = fields.Boolean("Retention over twelve months (%)")
    kpi_care_retention_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_retention_value")

    def _compute_kpi_care_churn_rate_value(self):
        self._tell_printed("month", "churn_rate", "kpi_care_churn_rate_value")

    def _compute_kpi_care_retention_value(self):
        self._tell_printed("rolling", "retention_rate", "kpi_care_retention_value")

    def _tell_printed(self, span, rate, field):
        """A line that nothing was printed for is left out of the mail, never 0."""
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email"))
        _start, end, companies = self._get_kpi_compute_parameters()
        end = fields.Datetime.to_datetime(end)
        # A digest of the last day compares two days: both tell the month printed last until then.
        latest = {
            company: self.env["care.churn.period"]._told(company, span).filtered(
                lambda period: period.printed_at < end)[-1:]
            for company in companies}
        for digest in self:
            period = latest[digest.company_id or self.env.company]
            if not period.active_start:
                raise AccessError(self.env._("No month with active customers is printed yet."))
            digest[field] = period[rate]

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("customer_care.menu_root").id
        action = f"customer_care.care_churn_trend_action?menu_id={menu}"
        return super()._compute_kpis_actions(company, user) | {
            "kpi_care_churn_rate": action, "kpi_care_retention": action}

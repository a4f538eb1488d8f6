from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_care_cost = fields.Boolean("Cost per retained customer")
    kpi_care_cost_value = fields.Monetary(compute="_compute_kpi_care_cost_value")

    def _compute_kpi_care_cost_value(self):
        """Of the month printed last by the end of the span; left out where it tells nothing."""
        periods = self.env["care.cost.period"]
        if not periods.has_access("read"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email"))
        _start, end, _companies = self._get_kpi_compute_parameters()
        for digest in self:
            month = periods.search([
                ("company_id", "=", (digest.company_id or self.env.company).id),
                ("grain", "=", "month"),
                ("printed_on", "<=", fields.Date.to_date(end))], limit=1)
            if not month.retained:
                raise AccessError(
                    self.env._("No month in which customers stayed was printed last."))
            digest.kpi_care_cost_value = month.per_retained

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("customer_care.menu_root").id
        return super()._compute_kpis_actions(company, user) | {
            "kpi_care_cost": f"customer_care.care_cost_period_action?menu_id={menu}"}

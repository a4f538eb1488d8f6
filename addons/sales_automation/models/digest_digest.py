from odoo import fields, models
from odoo.exceptions import AccessError

SALES_DESK_ACTION = "sales_automation.sales_outcome_report_action"
HANDOFF_ACTION = "sales_automation.sales_handoff_action"


class DigestDigest(models.Model):
    """Key figures of the Sales Desk in the periodic digest."""

    _inherit = "digest.digest"

    kpi_sales_won = fields.Boolean("Deals Won")
    kpi_sales_won_value = fields.Integer(compute="_compute_kpi_sales_won_value")
    kpi_sales_recycled = fields.Boolean("Deals Put to Not Now")
    kpi_sales_recycled_value = fields.Integer(compute="_compute_kpi_sales_recycled_value")
    kpi_sales_handoff = fields.Boolean("Hand-offs Accepted")
    kpi_sales_handoff_value = fields.Integer(compute="_compute_kpi_sales_handoff_value")

    def _compute_kpi_sales_won_value(self):
        self._fill_sales_kpi(
            "kpi_sales_won_value", "sales.outcome.report", "won_count:sum", "closed_at",
            [("outcome", "=", "won")])

    def _compute_kpi_sales_recycled_value(self):
        self._check_sales_kpi_access()
        self._calculate_company_based_kpi(
            "sales.recycle", "kpi_sales_recycled_value", date_field="recycled_at")

    def _compute_kpi_sales_handoff_value(self):
        self._check_sales_kpi_access()
        self._calculate_company_based_kpi(
            "sales.handoff", "kpi_sales_handoff_value", date_field="answered_at",
            additional_domain=[("state", "=", "accepted")])

    def _check_sales_kpi_access(self):
        if not self.env.user.has_group("sales_automation.group_sales_automation_user"):
            raise AccessError(self.env._(
                "Do not have access, skip this data for user's digest email"))

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("crm.crm_menu_root").id
        actions["kpi_sales_won"] = f"{SALES_DESK_ACTION}?menu_id={menu}"
        actions["kpi_sales_recycled"] = f"{SALES_DESK_ACTION}?menu_id={menu}"
        actions["kpi_sales_handoff"] = f"{HANDOFF_ACTION}?menu_id={menu}"
        return actions

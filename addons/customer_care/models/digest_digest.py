from odoo import fields, models
from odoo.exceptions import AccessError


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_care_churned = fields.Boolean("Customers churned")
    kpi_care_churned_value = fields.Integer(compute="_compute_kpi_care_churned_value")
    kpi_care_reactivated = fields.Boolean("Customers won back")
    kpi_care_reactivated_value = fields.Integer(compute="_compute_kpi_care_reactivated_value")

    def _compute_kpi_care_churned_value(self):
        self._count_status_changes("churned", "kpi_care_churned_value")

    def _compute_kpi_care_reactivated_value(self):
        self._count_status_changes("reactivated", "kpi_care_reactivated_value")

    def _count_status_changes(self, status, field):
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email"))
        self._calculate_company_based_kpi(
            "care.status.change", field, date_field="changed_at",
            additional_domain=[("to_status", "=", status)])

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("customer_care.menu_root").id
        action = f"customer_care.care_status_change_action?menu_id={menu}"
        return actions | {"kpi_care_churned": action, "kpi_care_reactivated": action}

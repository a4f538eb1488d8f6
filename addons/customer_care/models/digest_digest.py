from odoo import fields, models
from odoo.exceptions import AccessError

#: Days that a rate, a median or a score is told of: a day or a week holds too little for one.
DAYS = 90


class DigestDigest(models.Model):
    _inherit = "digest.digest"

    kpi_care_churned = fields.Boolean(
        "Customers churned",
        help="Moves of status, also of those who came back soon; the churn rate looks at the ends "
        "of the month.")
    kpi_care_churned_value = fields.Integer(compute="_compute_kpi_care_churned_value")
    kpi_care_reactivated = fields.Boolean("Customers won back")
    kpi_care_reactivated_value = fields.Integer(compute="_compute_kpi_care_reactivated_value")

    def _compute_kpi_care_churned_value(self):
        self._count_status_changes("churned", "kpi_care_churned_value")

    def _compute_kpi_care_reactivated_value(self):
        self._count_status_changes("reactivated", "kpi_care_reactivated_value")

    def _count_status_changes(self, status, field):
        self._check_care_reader()
        self._calculate_company_based_kpi(
            "care.status.change", field, date_field="changed_at",
            additional_domain=[("to_status", "=", status)])

    def _care_span_kpis(self):
        """Registry: KPI of the last 90 days → function that tells what it rests on."""
        return {}

    def _get_care_span(self):
        """(company, first day, day after the last) of the figures above."""
        company = self.company_id or self.env.company
        today = company._care_today()
        return company, fields.Date.subtract(today, days=DAYS), fields.Date.add(today, days=1)

    def _check_care_reader(self):
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email"))

    def _compute_kpis(self, company, user):
        """What is told of 90 days has one column, whatever the mail's own spans."""
        kpis = super()._compute_kpis(company, user)
        tellers = self.with_user(user).with_company(company)._care_span_kpis()
        for kpi in kpis:
            if tell := tellers.get(kpi["kpi_name"]):
                kpi["kpi_col1"]["col_subtitle"] = tell()
                kpi |= {"kpi_col2": {}, "kpi_col3": {}}
        return kpis

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("customer_care.menu_root").id
        action = f"customer_care.care_status_change_action?menu_id={menu}"
        return actions | {"kpi_care_churned": action, "kpi_care_reactivated": action}

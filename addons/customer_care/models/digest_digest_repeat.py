from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_amount

REPEAT, LTV = "kpi_care_repeat", "kpi_care_ltv"


class DigestDigest(models.Model):
    """Repeat rate and historic LTV per customer, as they stand on the day of the mail."""

    _inherit = "digest.digest"

    kpi_care_repeat = fields.Boolean("Repeat rate (%)")
    kpi_care_repeat_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_repeat_value",
        help="Customers who bought on two days or more, of all who ever bought.")
    kpi_care_ltv = fields.Boolean("LTV per customer")
    kpi_care_ltv_value = fields.Monetary(
        compute="_compute_kpi_care_ltv_value",
        help="Historic LTV of all customers who ever bought, by their number: untaxed, net of "
        "credit notes.")

    def _compute_kpi_care_repeat_value(self):
        for digest in self:
            digest.kpi_care_repeat_value = digest._tell_care_buyers().repeat_rate

    def _compute_kpi_care_ltv_value(self):
        for digest in self:
            digest.kpi_care_ltv_value = digest._tell_care_buyers().mean_revenue

    def _tell_care_buyers(self):
        """A line that nobody bought for is left out of the mail, never 0."""
        if not self.env.user.has_group("customer_care.group_customer_care_user"):
            raise AccessError(
                self.env._("Do not have access, skip this data for user's digest email"))
        buyers = self.env["care.customer"]._tell_buyers(self.company_id or self.env.company)
        if not buyers.count:
            raise AccessError(self.env._("n/a: nobody has bought yet."))
        return buyers

    def _compute_kpis(self, company, user):
        """Both stand for today: one column each, with what they are made of."""
        kpis = super()._compute_kpis(company, user)
        reader = self.with_user(user).with_company(company)
        for kpi in kpis:
            if kpi["kpi_name"] in (REPEAT, LTV):
                kpi["kpi_col1"]["col_subtitle"] = reader._tell_parts(kpi["kpi_name"])
                kpi |= {"kpi_col2": {}, "kpi_col3": {}}
        return kpis

    def _tell_parts(self, name):
        buyers = self._tell_care_buyers()
        if name == REPEAT:
            return self.env._(
                "%(again)s of %(count)s customers", again=buyers.again, count=buyers.count)
        company = self.company_id or self.env.company
        return self.env._(
            "%(money)s of %(count)s customers", count=buyers.count,
            money=format_amount(self.env, buyers.revenue, company.currency_id))

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("customer_care.menu_root").id
        return super()._compute_kpis_actions(company, user) | {
            REPEAT: f"customer_care.care_customer_again_action?menu_id={menu}",
            LTV: f"customer_care.care_customer_bought_action?menu_id={menu}"}

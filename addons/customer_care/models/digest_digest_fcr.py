from odoo import fields, models
from odoo.addons.customer_care.engine import fcr
from odoo.exceptions import AccessError

KPI = "kpi_care_fcr"


class DigestDigest(models.Model):
    """First contact resolution of the cases first resolved in the last 90 days."""

    _inherit = "digest.digest"

    kpi_care_fcr = fields.Boolean("First contact resolution of 90 days (%)")
    kpi_care_fcr_value = fields.Float(
        digits=(16, 1), compute="_compute_kpi_care_fcr_value",
        help="Cases that one contact of the customer was enough for, of those resolved in the "
        "last 90 days whose window has passed.")

    def _compute_kpi_care_fcr_value(self):
        for digest in self:
            matured, yes = digest._count_care_fcr()
            digest.kpi_care_fcr_value = 100 * yes / matured

    def _count_care_fcr(self):
        """A rate that rests on too few cases is left out of the mail, never 0."""
        self._check_care_reader()
        company, first, last = self._get_care_span()
        [(matured, yes)] = self.env["care.fcr.report"].with_context(
            allowed_company_ids=company.ids)._read_group(
                [("resolved_on", ">=", first), ("resolved_on", "<", last)],
                [], ["matured:sum", "first_contact:sum"])
        if (matured or 0) < fcr.ENOUGH:
            raise AccessError(self.env._("Too few cases were counted for a rate."))
        return matured, yes

    def _care_span_kpis(self):
        return super()._care_span_kpis() | {KPI: self._tell_care_fcr}

    def _tell_care_fcr(self):
        matured, yes = self._count_care_fcr()
        return self.env._("%(yes)s of %(matured)s cases resolved with one contact",
                          yes=yes, matured=matured)

    def _compute_kpis_actions(self, company, user):
        menu = self.env.ref("customer_care.menu_root").id
        return super()._compute_kpis_actions(company, user) | {
            KPI: f"customer_care.care_fcr_report_action_quarter?menu_id={menu}"}

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_grace_days = fields.Integer(
        "Grace", default=30,
        help="Days after the end within which a renewal still counts as going on. An agreement "
        "not renewed by then is lost, on the day it ended.",
        groups="base.group_user", prefetch="customer_care")
    care_renewal_days = fields.Integer(
        "Renewal lead time", default=60,
        help="Days before the end (or before its notice, when that is earlier) at which an "
        "agreement is to be renewed and its responsible is reminded, once.",
        groups="base.group_user", prefetch="customer_care")

    _care_agreement_days_positive = models.Constraint(
        "CHECK(care_grace_days >= 0 AND care_renewal_days >= 0)",
        "Grace and lead time of agreements cannot be negative.")

    def write(self, vals):
        result = super().write(vals)
        if "care_grace_days" in vals or "care_renewal_days" in vals:
            self.env["care.night"]._wake("agreements", company=self)
        return result

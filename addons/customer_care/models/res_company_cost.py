from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_refund_in = fields.Selection(
        [("ltv", "The customer's value"), ("cost", "Retention cost")],
        "Compensation lowers", required=True, default="ltv",
        help="Where a credit note marked as compensation counts: it lowers the customer's value, "
        "or it is a retention cost and his value stays. Never both.",
        groups="base.group_user", prefetch="customer_care")
    care_cost_close_days = fields.Integer(
        "Print retention cost after", default=10,
        help="Days after the end of a month at which its retention cost is printed, so that late "
        "bills are in. With agreements it waits until the grace of the month's ends has passed. "
        "What comes later is shown as a correction.",
        groups="base.group_user", prefetch="customer_care")

    _care_cost_close_days_positive = models.Constraint(
        "CHECK(care_cost_close_days >= 0)",
        "The days until a month's retention cost is printed cannot be negative.")

    def write(self, vals):
        before = {company: company.care_refund_in for company in self}
        result = super().write(vals)
        if "care_refund_in" in vals:
            words = dict(self._fields["care_refund_in"]._description_selection(self.env))
            for company, old in before.items():
                if company.care_refund_in != old:
                    company._care_redefine(self.env._(
                        "Compensation lowers: %(old)s → %(new)s",
                        old=words[old], new=words[company.care_refund_in]))
        return result

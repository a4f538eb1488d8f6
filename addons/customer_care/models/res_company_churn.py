from odoo import fields, models
from odoo.addons.customer_care.engine import churn, lifecycle, rhythm


class ResCompany(models.Model):
    """What "lost" means in a company, and when its months are printed."""

    _inherit = "res.company"

    care_lapse_mode = fields.Selection(
        [("rhythm", "Own rhythm, else fixed days"),
         ("probability", "Own rhythm, else probability"),
         ("fixed", "Fixed days for everybody")],
        "Lost by", required=True, default="rhythm",
        help="Own rhythm: customers with two or more repeat purchases are measured by their own "
        "gaps. The others are lost after fixed days, or when the forecast model gives them a "
        "chance of 70 % or more to buy nothing in as many days again (never within 30 days, nor "
        "within their one gap; fixed days while no model is in use). Months already printed keep "
        "the definition of their day.",
        groups="base.group_user", prefetch="customer_care")
    care_close_days = fields.Integer(
        "Print a month after", default=3,
        help="Days after the end of a month at which its churn and retention are printed. Invoices "
        "dated in the month and posted until then are in; later ones show as corrections.",
        groups="base.group_user", prefetch="customer_care")
    care_history_months = fields.Integer(
        "Months of the past", default=36,
        help="Months before the first printing for which churn is told from old invoices.",
        groups="base.group_user", prefetch="customer_care")
    care_silence_limits = fields.Json(
        "Limits by probability", readonly=True,
        help="Days of silence after one purchase, then after two by the days between them.",
        groups="base.group_user", prefetch="customer_care")
    care_compared_until = fields.Datetime(
        "Printed months compared until", readonly=True,
        help="Customers whose figures changed after it are compared with what was printed.",
        groups="base.group_user", prefetch="customer_care")

    _care_close_days_positive = models.Constraint(
        "CHECK(care_close_days >= 0)", "A month cannot be printed before it ends.")
    _care_history_months_positive = models.Constraint(
        "CHECK(care_history_months >= 0)", "The months of the past cannot be negative.")

    def _care_few(self, rules) -> tuple[float, ...]:
        """Gaps of customers without a rhythm, from the limits that the forecast model gives."""
        factor = lifecycle.lost_factor(rules)
        return tuple(limit / factor for limit in self.care_silence_limits or ())

    def _care_silence_limit(self, first, last, purchases) -> int:
        """Days of silence after which a customer without a rhythm is lost."""
        limits = self.care_silence_limits if self.care_lapse_mode == "probability" else ()
        if not limits:
            return self.care_lapse_days
        return round(rhythm.expected_gap(first, last, purchases, rhythm.Pace(
            None, 0.0, self.care_lapse_days, few=limits)))

    def _care_measure_limits(self):
        """What the model in use says of silence; nothing without one."""
        model = self.env["care.model"]._current(self)
        limits = False
        if model and self.care_lapse_mode == "probability":
            limits = list(churn.silence_limits(model._params(), self.care_lapse_days))
        if (self.care_silence_limits or False) != limits:
            self.care_silence_limits = limits

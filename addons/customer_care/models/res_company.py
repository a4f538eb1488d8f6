from datetime import date, datetime

import pytz
from odoo import fields, models
from odoo.addons.customer_care.engine import churn, lifecycle
from odoo.addons.customer_care.engine.rhythm import Pace

#: Writing one of these moves customers over the borders of the status rules.
PACE_FIELDS = frozenset({"care_lapse_days", "care_pool_weight", "care_lapse_mode"})


class ResCompany(models.Model):
    _inherit = "res.company"

    care_lapse_days = fields.Integer(
        "Lost without a rhythm after", default=365,
        help="Days of silence after which a customer with fewer than two repeat purchases counts "
        "as churned. Customers who bought more often are measured by their own rhythm.",
        groups="base.group_user", prefetch="customer_care")
    care_pool_weight = fields.Float(
        "Weight of the typical gap", default=2.0,
        help="How many gaps of the typical customer are mixed into a customer's own gaps. 0 trusts "
        "the customer's own gaps alone; 2 to 3 keeps a short history from jumping.",
        groups="base.group_user", prefetch="customer_care")
    care_pool_gap = fields.Float(
        "Typical gap", readonly=True,
        help="Median days between two purchases over all customers who bought at least twice. "
        "Measured every night.",
        groups="base.group_user", prefetch="customer_care")
    care_onboarding = fields.Boolean(
        "Onboarding activity", default=False,
        help="Plan an activity for the salesperson when a new customer's first order is confirmed.",
        groups="base.group_user", prefetch="customer_care")
    care_onboarding_days = fields.Integer(
        "Onboarding after", default=3, help="Days after the confirmation at which it is due.",
        groups="base.group_user", prefetch="customer_care")

    _care_lapse_days_positive = models.Constraint(
        "CHECK(care_lapse_days > 0)", "The days until a customer is lost must be more than 0.")
    _care_pool_weight_positive = models.Constraint(
        "CHECK(care_pool_weight >= 0)", "The weight of the typical gap cannot be negative.")
    _care_onboarding_days_positive = models.Constraint(
        "CHECK(care_onboarding_days >= 0)", "The onboarding activity cannot be due in the past.")

    def write(self, vals):
        result = super().write(vals)
        if not PACE_FIELDS.isdisjoint(vals):
            self.env["care.night"]._wake("limits", "status")
        return result

    def _care_today(self, now: datetime | None = None) -> date:
        """The date in the company's time zone."""
        moment = pytz.utc.localize(now or fields.Datetime.now())
        return moment.astimezone(pytz.timezone(self._care_zone())).date()

    def _care_zone(self) -> str:
        """The company's time zone: that of its working hours, else of its address."""
        self.ensure_one()
        return self.resource_calendar_id.tz or self.partner_id.tz or "UTC"

    def _care_pace(self, rules: list[lifecycle.Rule]) -> Pace:
        """How silence is measured in this company; the rules say what "lost" means."""
        self.ensure_one()
        return churn.pace_for(
            self.care_lapse_mode, self.care_lapse_days, self.care_pool_weight,
            self.care_pool_gap or None, rules, self._care_few(rules))

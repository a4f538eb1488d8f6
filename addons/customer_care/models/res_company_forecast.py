from odoo import fields, models

#: Another one of these asks for another fit.
FORECAST_FIELDS = frozenset({"care_forecast", "care_horizon_days", "care_discount"})


class ResCompany(models.Model):
    _inherit = "res.company"

    care_forecast = fields.Boolean(
        "Forecast", default=True,
        help="Expect each customer's future purchases from those of all customers. The forecast "
        "is tested on the company's own past and only shown when it passes.",
        groups="base.group_user", prefetch="customer_care")
    care_horizon_days = fields.Integer(
        "Horizon", default=365,
        help="Days that the forecast looks ahead. It is also how much of the past it is tested "
        "on, at most a third of it.",
        groups="base.group_user", prefetch="customer_care")
    care_discount = fields.Float(
        "Discount", default=10.0, digits=(16, 2),
        help="Percent a year by which money of the future is worth less than money of today. "
        "0 adds up future money as it is.",
        groups="base.group_user", prefetch="customer_care")

    _care_horizon_days_range = models.Constraint(
        "CHECK(care_horizon_days BETWEEN 30 AND 1826)",
        "The horizon of the forecast must lie between 30 days and 5 years (1,826 days).")
    _care_discount_range = models.Constraint(
        "CHECK(care_discount >= 0 AND care_discount <= 100)",
        "The discount must lie between 0 and 100 percent a year.")

    def write(self, vals):
        changed = self.filtered(lambda company: any(
            company[name] != vals[name] for name in FORECAST_FIELDS & vals.keys()))
        result = super().write(vals)
        for company in changed:
            self.env["care.night"]._wake("fit", "forecast", "value", company=company)
        return result

from odoo import fields, models


class AccountAnalyticAccount(models.Model):
    _inherit = "account.analytic.account"

    care_retention = fields.Boolean(
        "Retention cost",
        help="What is booked here keeps existing customers. Its costs, less what suppliers gave "
        "back, are part of the retention cost of their dates; revenue booked here is not. Hours "
        "that the same person entered on cases that day count there, and the rest of them here.",
        groups="base.group_user")
    care_retention_percent = fields.Float(
        "Of it for retention", default=100.0, digits=(5, 2),
        help="Percent of the costs that keeps customers; the rest serves other ends.",
        groups="base.group_user")
    care_retention_category_id = fields.Many2one(
        "care.retention.category", "Kind of retention cost", groups="base.group_user")

    _care_retention_percent_within = models.Constraint(
        "CHECK(care_retention_percent IS NULL"
        " OR (care_retention_percent >= 0 AND care_retention_percent <= 100))",
        "The part for retention must lie between 0 and 100 percent.")

    def write(self, vals):
        """A flag that is set or taken away changes the cost of every month."""
        result = super().write(vals)
        if any(name.startswith("care_retention") for name in vals):
            self.env["care.night"]._wake("cost")
        return result

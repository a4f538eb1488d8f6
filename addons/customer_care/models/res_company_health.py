from odoo import fields, models

HEALTH_FIELDS = frozenset({"care_health_base", "care_health_good", "care_health_risk"})


class ResCompany(models.Model):
    _inherit = "res.company"

    care_health_base = fields.Integer(
        "Health starts at", default=50,
        help="Points that every customer starts with; health rules add to them and take off.",
        groups="base.group_user", prefetch="customer_care")
    care_health_good = fields.Integer(
        "Good from", default=70, help="Scores from here on are shown as good.",
        groups="base.group_user", prefetch="customer_care")
    care_health_risk = fields.Integer(
        "At risk below", default=40,
        help="Scores below are shown as at risk; between the two limits a customer is to watch.",
        groups="base.group_user", prefetch="customer_care")

    _care_health_in_order = models.Constraint(
        "CHECK(care_health_risk BETWEEN 0 AND care_health_good AND care_health_good <= 100"
        " AND care_health_base BETWEEN 0 AND 100)",
        "Health goes from 0 to 100, and \"at risk\" ends where \"good\" begins or below.")

    def write(self, vals):
        result = super().write(vals)
        if not HEALTH_FIELDS.isdisjoint(vals):
            self.env["care.night"]._wake("health")
        return result

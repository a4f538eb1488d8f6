from odoo import api, models
from odoo.tools import SQL


class CareReminder(models.Model):
    _inherit = "care.reminder"

    @api.model
    def _suppression_reasons(self):
        """Before what is only a matter of day and address."""
        reasons = super()._suppression_reasons()
        mine = {"alert": self.env._("product alert: selling to its buyers is paused")}
        if "opted_out" not in reasons:
            return reasons | mine
        keys = list(reasons)
        at = keys.index("opted_out")
        return {key: reasons[key] for key in keys[:at]} | mine | {
            key: reasons[key] for key in keys[at:]}

    def _query_suppressed_alert(self, company, now) -> SQL:
        """About the product of an alert; of a matter of safety all that asks to buy.

        Index care_alert_buyer (partner_id).
        """
        return SQL(
            """EXISTS (SELECT 1 FROM care_alert_buyer ab JOIN care_alert al ON al.id = ab.alert_id
                        WHERE ab.partner_id = d.partner_id AND ab.company_id = d.company_id
                          AND al.state <> 'closed' AND al.pause
                          AND (al.product_id = d.product_id OR al.kind = 'safety'
                               AND d.kind IN ('repurchase', 'renewal')))""")

from odoo import models
from odoo.tools import SQL


class CareTag(models.Model):
    _inherit = "care.tag"

    def _query_wanted(self, company) -> SQL:
        """Buyers under an open alert that pauses selling. Index care_alert_buyer_alert_idx."""
        tag = self.env.ref("customer_care.partner_category_alert", raise_if_not_found=False)
        if not tag:
            return super()._query_wanted(company)
        return SQL(
            """%(others)s
                UNION
               SELECT b.partner_id, %(tag)s::int
                 FROM care_alert a JOIN care_alert_buyer b ON b.alert_id = a.id
                WHERE a.company_id = %(company)s AND a.state <> 'closed' AND a.pause""",
            others=super()._query_wanted(company), tag=tag.id, company=company.id)

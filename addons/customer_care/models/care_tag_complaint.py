from odoo import models
from odoo.tools import SQL

from .care_cost_period import EVERYBODY


class CareTag(models.Model):
    _inherit = "care.tag"

    def _query_wanted(self, company):
        """Everybody at a customer with an open severe complaint is tagged: mails go to people.

        Index res_partner (commercial_partner_id).
        """
        wanted = super()._query_wanted(company)
        tag = self.env.ref("customer_care.partner_category_complaint", raise_if_not_found=False)
        if not tag:
            return wanted  # somebody deleted it: nobody wants it told
        return SQL(
            """%s UNION
               SELECT c.id AS partner_id, %s AS category_id
                 FROM (%s) severe JOIN res_partner c ON c.commercial_partner_id = severe.partner_id
            """,
            wanted, tag.id, self.env["care.case"]._query_severe(company, EVERYBODY))

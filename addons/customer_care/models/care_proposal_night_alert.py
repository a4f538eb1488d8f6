from odoo import models
from odoo.tools import SQL


class CareProposal(models.Model):
    _inherit = "care.proposal"

    def _query_barred(self, company) -> SQL:
        """A product under an alert that pauses selling is proposed to nobody."""
        return SQL(
            """%s OR EXISTS (SELECT 1 FROM care_alert al
                               JOIN product_product av ON av.id = al.product_id
                              WHERE av.product_tmpl_id = t.id AND al.company_id = %s
                                AND al.state <> 'closed' AND al.pause)""",
            super()._query_barred(company), company.id)

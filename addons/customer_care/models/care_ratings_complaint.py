from odoo import models
from odoo.tools import SQL


class CareRatings(models.AbstractModel):
    _inherit = "care.ratings"

    def _query_upset(self, company, scope, today):
        """Who has an open severe complaint is upset, whatever he rated."""
        return SQL(
            "%s UNION %s", super()._query_upset(company, scope, today),
            self.env["care.case"]._query_severe(company, scope))

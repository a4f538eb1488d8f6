from odoo import models
from odoo.exceptions import UserError


class SalesHandover(models.Model):
    """The briefs of all deals of a handover, to print for the new owners."""

    _inherit = "sales.handover"

    def action_print_briefs(self):
        """Print a cover page and one page for each deal that the user may read."""
        self.ensure_one()
        self.check_access("read")
        ids = self.line_ids.filtered(lambda line: line.kind == "deal").mapped("res_id")
        deals = self.env["crm.lead"].search([("id", "in", ids), ("type", "=", "opportunity")])
        if not deals:
            raise UserError(self.env._("There is no deal in this handover that you may read."))
        return deals.action_print_brief()

from odoo import models


class SalesHandoff(models.Model):
    """An accepted hand-off brings the brief of the deal."""

    _inherit = "sales.handoff"

    def _set_accepted(self, now):
        held = {handoff.lead_id.id: (
            handoff.from_user_id or handoff.lead_id.user_id).id for handoff in self}
        quiet = self.with_context(sales_brief_given=True)  # one brief, given below
        result = super(SalesHandoff, quiet)._set_accepted(now)
        self.env["sales.brief"]._give(self.lead_id, held, "handoff", now)
        return result

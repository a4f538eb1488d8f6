from odoo import models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """Deals of people who left before anybody handed their work over."""

    _inherit = "crm.lead"

    def action_hand_over_left_behind(self):
        """Prepare the handover of each person who left and still holds one of these deals."""
        people = self.user_id.filtered(lambda user: not user.active)
        if not people:
            raise UserError(self.env._("None of these deals belongs to somebody who left."))
        handovers = self.env["sales.handover"]
        for person in people:
            handovers |= person._prepare_handover("manual")
        return handovers._get_form_action()

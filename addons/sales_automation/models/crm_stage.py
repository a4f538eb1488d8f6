from odoo import models


class CrmStage(models.Model):
    """Stages: declaring one won (or no longer won) changes the outcome of the deals in it."""

    _inherit = "crm.stage"

    def write(self, vals):
        if "is_won" not in vals:
            return super().write(vals)
        lead_model = self.env["crm.lead"].sudo()  # all deals in the stage, whoever holds them
        leads = lead_model.with_context(active_test=False).search([("stage_id", "in", self.ids)])
        before = leads._clock_states()
        result = super().write(vals)
        leads._follow_clock(before, is_system=True)
        return result

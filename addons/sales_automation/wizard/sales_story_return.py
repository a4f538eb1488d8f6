from odoo import fields, models


class SalesStoryReturn(models.TransientModel):
    """The dialog that gives a story back to its author and says what is missing."""

    _name = "sales.story.return"
    _description = "Give a Story Back"

    story_id = fields.Many2one("sales.story", required=True, readonly=True, ondelete="cascade")
    note = fields.Text("What Is Missing", required=True)

    def action_apply(self):
        self.ensure_one()
        self.story_id._claim_approval()._set_draft(self.note)
        return {"type": "ir.actions.act_window_close"}

from odoo import fields, models


class SalesPlaybookItem(models.Model):
    """One row per thing to tick off in a step of a playbook."""

    _name = "sales.playbook.item"
    _description = "Playbook Checklist Item"
    _inherit = ["sales.playbook.part"]
    _order = "sequence, id"

    step_id = fields.Many2one(
        "sales.playbook.step", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("To Do", required=True, translate=True)
    hint = fields.Char(translate=True, help="How to do it, in one sentence. Shown below the box.")
    company_id = fields.Many2one(related="step_id.company_id", store=True)

    def _get_playbooks(self):
        return self.step_id.playbook_id

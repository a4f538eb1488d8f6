from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class CareCaseSplit(models.TransientModel):
    """One question: which messages of this case are another matter?"""

    _name = "care.case.split"
    _description = "Split a case"

    case_id = fields.Many2one("care.case", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id")
    line_ids = fields.One2many(
        "care.case.split.line", "split_id", "Messages", compute="_compute_line_ids", store=True,
        readonly=False)
    name = fields.Char(
        "Subject of the new case", required=True, compute="_compute_name", store=True,
        readonly=False)
    category_id = fields.Many2one("care.category", "Category")

    @api.depends("case_id")
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.case_id.name

    @api.depends("case_id")
    def _compute_line_ids(self):
        """What the customer and we said, the last first."""
        for wizard in self:
            messages = wizard.case_id.message_ids.filtered(
                lambda message: message.message_type in ("email", "comment"))
            wizard.line_ids = [Command.clear()] + [
                Command.create({"message_id": message.id}) for message in messages]

    def action_split(self):
        """Make the new case and show it."""
        self.ensure_one()
        messages = self.line_ids.filtered("is_chosen").message_id
        if not messages:
            raise UserError(self.env._("Choose the messages that are another matter."))
        case = self.case_id._split(
            messages, {"name": self.name, "category_id": self.category_id.id})
        return {
            "type": "ir.actions.act_window", "res_model": "care.case", "res_id": case.id,
            "views": [(False, "form")]}

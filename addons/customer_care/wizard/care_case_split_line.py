from odoo import fields, models


class CareCaseSplitLine(models.TransientModel):
    """One message of a case that is split: does it go over to the new case?"""

    _name = "care.case.split.line"
    _description = "Message of a case that is split"

    split_id = fields.Many2one("care.case.split", required=True, ondelete="cascade")
    message_id = fields.Many2one("mail.message", required=True, ondelete="cascade")
    is_chosen = fields.Boolean("Goes over")
    date = fields.Datetime(related="message_id.date")
    author_id = fields.Many2one(related="message_id.author_id")
    preview = fields.Char("What was said", related="message_id.preview")

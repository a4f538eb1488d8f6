from odoo import fields, models


class CareTeam(models.Model):
    """Whether a mail to the team is confirmed."""

    _inherit = "care.team"

    confirm_arrival = fields.Boolean(
        "Confirm arrival", default=True,
        help="Who opens a case by mail gets one short mail with its number. Programs that wrote by "
        "themselves get none.")
    confirm_hours = fields.Integer(
        "At most once in", default=24,
        help="Hours in which the same customer gets no second confirmation, however many cases he "
        "opens. 0: each case is confirmed.")
    confirm_template_id = fields.Many2one(
        "mail.template", "Text", domain="[('model', '=', 'care.case')]",
        help="Empty: the text that came with the addon.")

    _confirm_hours_positive = models.Constraint(
        "CHECK(confirm_hours >= 0)", "The hours between two confirmations cannot be negative.")

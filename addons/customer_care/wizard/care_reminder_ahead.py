from odoo import fields, models


class CareReminderAhead(models.TransientModel):
    """One reminder that a rule would give rise to in the next days, as counted a moment ago."""

    _name = "care.reminder.ahead"
    _description = "Reminder to come"
    _order = "send_on, id"
    _rec_name = "partner_id"

    rule_id = fields.Many2one(
        "care.reminder.rule", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="rule_id.company_id")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="cascade")
    product_id = fields.Many2one("product.product", readonly=True, ondelete="cascade")
    item_id = fields.Many2one("care.item", "Delivered goods", readonly=True, ondelete="cascade")
    agreement_id = fields.Many2one("care.agreement", readonly=True, ondelete="cascade")
    thing = fields.Char("Of what", compute="_compute_thing")
    cycle_on = fields.Date(
        "Counted from", readonly=True,
        help="The purchase that runs out, or the date of the goods or the agreement.")
    due_on = fields.Date("Due", readonly=True)
    send_on = fields.Date("Leaves on", readonly=True)
    outcome = fields.Selection(
        [("free", "Leaves"), ("later", "Later"), ("held", "Held back")], readonly=True)
    reason = fields.Selection(
        lambda self: list(self.env["care.reminder"]._suppression_reasons().items()),
        "Why not", readonly=True)

    def _compute_thing(self):
        for row in self:
            row.thing = (row.item_id.display_name or row.product_id.display_name
                         or row.agreement_id.display_name)

    def action_open_customer(self):
        """The care record of the customer in this row."""
        self.ensure_one()
        return self.env["care.customer"]._open_record(self.partner_id, self.company_id)

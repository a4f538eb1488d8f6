from odoo import api, fields, models

from .moments import tell_moment

NOISE_REASONS = [
    ("thanks", "A mere thank-you"), ("automatic", "Written by a program"),
    ("agent", "Marked by an agent"),
]


class CareCaseContact(models.Model):
    """One contact of a case: the customer spoke to us, or we to him, at one moment.

    First contact resolution and the time to the first reply are told from these rows. A noise row
    (a thank-you, an out-of-office) is kept and counts for nothing.
    """

    _name = "care.case.contact"
    _description = "Contact on a case"
    _order = "at desc, id desc"

    case_id = fields.Many2one("care.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True)
    at = fields.Datetime("When", required=True, default=fields.Datetime.now)
    direction = fields.Selection(
        [("in", "From customer"), ("out", "To customer")], required=True)
    channel = fields.Selection(lambda self: self.env["care.case"]._select_channel(), required=True)
    partner_id = fields.Many2one("res.partner", "Who of the customer", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Who of us")
    message_id = fields.Many2one("mail.message", index="btree_not_null", ondelete="set null")
    is_noise = fields.Boolean(
        "Needs no answer",
        help="A thank-you or an automatic answer: it neither reopens the case nor counts as a "
        "contact.")
    noise_reason = fields.Selection(NOISE_REASONS, "Because")
    who = fields.Char("Who", compute="_compute_who")
    did_reopen = fields.Boolean("Opened the case again", readonly=True)

    @api.depends("partner_id", "user_id")
    def _compute_who(self):
        for contact in self:
            contact.who = contact.user_id.name or contact.partner_id.display_name

    def action_needs_no_answer(self):
        """An agent says: this word asks for nothing. What it did to the case is taken back."""
        for contact in self.filtered(lambda c: c.direction == "in" and not c.is_noise):
            contact._flip("agent")
            if contact.did_reopen:
                contact.case_id._take_back_reopen(contact)
            contact.case_id._restamp()

    def action_needs_answer(self):
        """An agent says: somebody wants something after all. The case is opened by it."""
        for contact in self.filtered(lambda c: c.direction == "in" and c.is_noise):
            contact._flip(False)
            contact.case_id._on_inbound(contact)
            contact.case_id._restamp()

    def _flip(self, reason):
        """Written down with who did it."""
        case = self.case_id
        case.check_access("write")
        self.sudo().write(  # contacts are written by code only
            {"is_noise": bool(reason), "noise_reason": reason})
        when = tell_moment(self.env, self.at, year=True)
        case._message_log(body=(
            self.env._("Needs no answer: the customer's word of %s.", when) if reason
            else self.env._("Needs an answer: the customer's word of %s.", when)))

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .care_purchases import Scope
from .moments import tell_day


class CareHealthOverride(models.Model):
    """A person's word against the score: so healthy is this customer, for this reason, until then.

    It stands above the computed score while it lasts and is never rewritten: another opinion is
    another row, and ends this one. It hangs on the contact, as history does.
    """

    _name = "care.health.override"
    _description = "Health set by a person"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    score = fields.Integer(
        "Health", required=True, help="0 (as good as gone) to 100 (nothing to wish for).")
    reason = fields.Text(required=True, help="What you know that the figures do not.")
    date_until = fields.Date(
        "Until", required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), months=3),
        help="The last day on which your word counts; then the figures decide again.")
    user_id = fields.Many2one(
        "res.users", "By", required=True, readonly=True, default=lambda self: self.env.user)
    ended_on = fields.Date("Ended early on", readonly=True)
    computed_then = fields.Integer("Figures said", readonly=True)
    holds = fields.Boolean("In force", compute="_compute_holds")

    _score_in_range = models.Constraint(
        "CHECK(score BETWEEN 0 AND 100)", "Health goes from 0 to 100.")
    _open_idx = models.Index("(company_id, partner_id, id DESC) WHERE ended_on IS NULL")

    @api.constrains("date_until")
    def _check_until(self):
        for override in self:
            if override.date_until < override.company_id._care_today():
                raise ValidationError(self.env._("This day has passed: say until when it counts."))

    @api.depends("date_until", "ended_on")
    def _compute_holds(self):
        for override in self:
            override.holds = not override.ended_on and bool(override.date_until) and (
                override.date_until >= override.company_id._care_today())

    @api.model_create_multi
    def create(self, vals_list):
        """The writer is who he is, his word holds; an earlier one on the same customer ends."""
        overrides = super().create([
            vals | {"user_id": self.env.uid, "ended_on": False} for vals in vals_list])
        for override in overrides:
            customer = override._customer()
            override.sudo().computed_then = customer.health_computed  # a fact, not his to edit
            override._siblings()._end()
            override._tell(self.env._(
                "Health set to %(score)s until %(until)s (the figures said %(computed)s): "
                "%(reason)s", score=override.score, reason=override.reason,
                until=tell_day(self.env, override.date_until, year=True),
                computed=customer.health_computed))
        overrides._rejudge()
        return overrides

    def action_end(self):
        """Let the figures decide again."""
        self.check_access("create")  # who may say it may take it back; rows are never rewritten
        for override in self.filtered("holds"):
            override._end()
            override._tell(self.env._("Health is decided by the figures again."))
        self._rejudge()

    def action_close(self):
        """Closes the dialog in which it was written."""
        return {"type": "ir.actions.act_window_close"}

    def _end(self):
        for override in self:
            # written by code alone
            override.sudo().ended_on = override.company_id._care_today()

    def _siblings(self):
        """Other words on this customer that still hold."""
        self.ensure_one()
        return self.search([
            ("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id),
            ("ended_on", "=", False), ("id", "!=", self.id)])

    def _customer(self):
        self.ensure_one()
        return self.env["care.customer"].search([
            ("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)])

    def _tell(self, body):
        self._customer().message_post(body=body, subtype_xmlid="mail.mt_note")

    def _rejudge(self):
        now = fields.Datetime.now()
        for company, overrides in self.grouped("company_id").items():
            # the score is derived, whoever asked for it
            self.env["care.health"].sudo()._rejudge(
                company, Scope(ids=tuple(overrides.partner_id.ids)), now)

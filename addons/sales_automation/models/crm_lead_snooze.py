from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .moments import tell_day


class CrmLead(models.Model):
    """A deal that may be silent until a planned day: the customer said "call me in March".

    While snoozed, the deal is not stale and nobody is asked about it. The snooze ends by itself
    after its day, when the customer writes, or by hand.
    """

    _inherit = "crm.lead"

    snooze_until = fields.Date(
        "Quiet Until", readonly=True, copy=False,
        help="Up to this day the deal is not called stale. It ends earlier when the customer "
        "writes.", groups="base.group_user", prefetch="sales_automation")
    snooze_note = fields.Char(
        "Quiet Because", readonly=True, copy=False, groups="base.group_user",
        prefetch="sales_automation")
    snooze_by_id = fields.Many2one(
        "res.users", "Quieted By", readonly=True, copy=False, groups="base.group_user",
        prefetch="sales_automation")
    snooze_at = fields.Datetime(
        "Quiet Since", readonly=True, copy=False, groups="base.group_user",
        prefetch="sales_automation")

    def action_snooze(self):
        """Ask until when and why; a planned activity far ahead is offered as the day."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_snooze_action")
        return {**action, "context": {"default_lead_ids": self.ids}}

    def action_wake(self):
        """End the snooze at once."""
        self.check_access("write")
        self._set_snooze(False, False)

    @api.model
    def _get_system_fields(self):
        return super()._get_system_fields() | {
            "snooze_until", "snooze_note", "snooze_by_id", "snooze_at"}

    def _snooze(self, until, note):
        """Keep the deals quiet until the day, and say so in their chatter."""
        today = fields.Date.context_today(self)
        if until <= today:
            raise ValidationError(self.env._("Choose a day in the future."))
        if closed := self.filtered(lambda lead: lead.sales_outcome != "open"):
            raise UserError(self.env._(
                "Only open deals can be kept quiet: %s is closed.", closed[0].display_name))
        self.check_access("write")
        self._set_snooze(until, note)
        self._plan_wake(until, note)
        day = tell_day(self.env, until, year=True)
        self._message_log_batch(bodies={
            lead.id: self.env._("Quiet until %(day)s: %(note)s", day=day, note=note or "")
            for lead in self})

    def _plan_wake(self, until, note):
        """A quiet deal without a next step gets one on its day: it must not be forgotten."""
        for lead in self.filtered(lambda one: not one.has_next_action):
            lead.activity_schedule(
                "mail.mail_activity_data_todo", until, summary=note,
                user_id=(lead.user_id or self.env.user).id)

    def _set_snooze(self, until, note):
        self.sudo().write({  # written by the system only
            "snooze_until": until, "snooze_note": note,
            "snooze_by_id": until and self.env.uid, "snooze_at": until and fields.Datetime.now(),
        })

    def _suggest_snooze(self):
        """The day of the next planned activity when it is more than a week ahead."""
        today = fields.Date.context_today(self)
        days = [act.date_deadline for act in self.activity_ids if act.date_deadline >= today]
        nearest = min(days, default=today)
        return nearest if nearest > today + timedelta(days=7) else False

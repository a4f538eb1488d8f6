from odoo import fields, models
from odoo.exceptions import UserError

STEPS = ("mail.mail_activity_data_call", "mail.mail_activity_data_email",
         "mail.mail_activity_data_meeting", "mail.mail_activity_data_todo")


class CrmLead(models.Model):
    """"What next?": the question after a step is done, and its answer in one click."""

    _inherit = "crm.lead"

    def plan_next_step(self, type_id, day, summary=""):
        """Plan an activity of this kind on the day, for whoever answers the question."""
        self.ensure_one()
        self.check_access("write")
        activity_type = self.env["mail.activity.type"].browse(type_id).exists()
        if not activity_type:
            raise UserError(self.env._("Choose what comes next."))
        day = self.env["sales.day"]._check_day(day)
        self.activity_schedule(
            activity_type_id=activity_type.id, date_deadline=day, user_id=self.env.uid,
            summary=(summary or "").strip() or activity_type.summary or False)
        return True

    def action_close_lost(self):
        """Open core's dialog that asks for the reason."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_lost_action")
        return {**action, "context": {
            "default_lead_ids": self.ids, "dialog_size": "medium"}}

    def _asks_what_next(self):
        """True when the deal is open, not kept quiet, and nothing at all is planned on it."""
        today = fields.Date.context_today(self)
        company = self.company_id or self.env.company
        return company.sales_what_next and self.next_action_missing \
            and not self.activity_ids and not (self.snooze_until and self.snooze_until >= today)

    def _prepare_what_next(self, done):
        """What the dialog shows: what was done, the kinds of steps, three days to choose from."""
        kinds = self.env["mail.activity.type"]
        for xmlid in STEPS:
            kinds |= self.env.ref(xmlid, raise_if_not_found=False) or kinds.browse()
        proposed = done.activity_type_id.suggested_next_type_ids[:1]
        kinds = (proposed | kinds).filtered("active")
        plan = self._get_stage_plan()
        return {
            "lead_id": self.id,
            "title": self.name,
            "subtitle": self.partner_id.display_name or self.partner_name or "",
            "done": done.summary or done.activity_type_id.name or "",
            "kinds": [
                {"id": kind.id, "name": kind.name, "icon": kind.icon or "fa-tasks"}
                for kind in kinds],
            "proposed_id": proposed.id or kinds[:1].id,
            "days": self.env["sales.day"]._prepare_next_days(),
            "plan": {"step_id": plan.id, "name": plan.plan_id.display_name} if plan else False,
        }

    def _get_stage_plan(self):
        """The playbook's step of this stage, when it brings a plan of activities."""
        playbook = self.playbook_id.sudo()  # the guide is for whoever reads the deal
        return playbook.step_ids.filtered(
            lambda step: step.stage_id == self.stage_id and step.plan_id)[:1]

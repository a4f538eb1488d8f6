from datetime import timedelta

from odoo import api, fields, models

from .crm_lead import LOST_OUTCOMES
from .poison import work_through

WAKE_BATCH = 50


class CrmLead(models.Model):
    """"Not now": a deal that is closed with a date on which the same record comes back."""

    _inherit = "crm.lead"

    recycle_wake_date = fields.Date(
        "Comes Back On", copy=False, index="btree_not_null",
        help="On this day the deal is reopened in its stage, with its salesperson and an activity.",
        groups="base.group_user", prefetch=True)
    recycle_count = fields.Integer(
        "Times Put to Not Now", readonly=True, copy=False,
        help="How often the deal was put to \"not now\" so far.", groups="base.group_user",
        prefetch="sales_automation")
    recycle_ids = fields.One2many(
        "sales.recycle", "lead_id", string="Not Now History", readonly=True, copy=False,
        groups="base.group_user")

    def action_plan_recycle(self):
        """Open the dialog that closes the deal as "not now"."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_recycle_plan_action")
        return {**action, "context": {"default_lead_ids": self.ids}}

    @api.model
    def _cron_wake_recycled(self):
        """Bring back deals whose date has come, unless something else already has."""
        today = fields.Date.today()
        domain = [("sales_outcome", "=", "recycled"), ("recycle_wake_date", "<=", today)]
        leads = self.with_context(active_test=False)
        cron = self.env["ir.cron"]
        time_left = cron._commit_progress(remaining=leads.search_count(domain))
        while time_left:
            batch = leads.search(domain, limit=WAKE_BATCH, order="recycle_wake_date, id")
            if not batch:
                break
            for lead in batch:
                work_through(
                    lead,
                    lambda one: one._wake(),
                    lambda one, error: one._sleep_on(today, error))
            time_left = cron._commit_progress(len(batch))

    def _sleep_on(self, today, error):
        """The deal cannot be woken: it keeps the message and is tried again tomorrow."""
        self.recycle_wake_date = today + timedelta(days=1)
        self.recycle_ids.filtered(lambda row: not row.woken_at).failure = str(error)

    def _wake(self):
        """Reopen the same record in its stage; its salesperson, if still there, is told why."""
        self.ensure_one()
        sleep = self.recycle_ids.filtered(lambda row: not row.woken_at)[:1]
        company = self.company_id or self.user_id.company_id or self.env.company
        lead = self.with_company(company).with_context(sales_recycle_waking=True)
        lead.action_restore()
        holder = lead.user_id if lead.user_id.active else lead.team_id.user_id
        if holder != lead.user_id:
            lead.write({
                "user_id": holder.id, "team_id": lead.team_id.id, "stage_id": lead.stage_id.id})
        if holder:
            lead.with_context(mail_activity_quick_update=True).activity_schedule(
                "sales_automation.mail_activity_type_recycle", user_id=holder.id,
                note=sleep.note or "",
                summary=self.env._("Back from \"%s\"", sleep.reason_id.name or ""))

    def _after_outcome(self, old, new, now):
        super()._after_outcome(old, new, now)
        if new == "recycled":
            self._fall_asleep(now)
        elif old == "recycled":
            self._leave_sleep(now)

    def _fall_asleep(self, now):
        rows = []
        for lead in self:
            wake_date = lead.recycle_wake_date or (
                now.date() + timedelta(days=lead.lost_reason_id.recycle_days))
            lead.write({"recycle_wake_date": wake_date, "recycle_count": lead.recycle_count + 1})
            rows.append(lead._prepare_recycle_vals(wake_date, now))
        self.env["sales.recycle"].create(rows)

    def _leave_sleep(self, now):
        woken_by = "date" if self.env.context.get("sales_recycle_waking") else "person"
        if self[:1].sales_outcome in LOST_OUTCOMES:
            woken_by = "lost"
        rows = self.env["sales.recycle"].search(
            [("lead_id", "in", self.ids), ("woken_at", "=", False)])
        rows.write({"woken_at": now, "woken_by": woken_by, "failure": False})
        self.write({"recycle_wake_date": False})

    def _prepare_recycle_vals(self, wake_date, now):
        return {
            "lead_id": self.id,
            "reason_id": self.lost_reason_id.id,
            "stage_id": self.stage_id.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "wake_date": wake_date,
            "recycled_at": now,
        }

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        sleeps = self.env["sales.recycle"].sudo().search(  # the history goes with the lead
            [("lead_id", "in", opportunities.ids)])
        sleeps.filtered(lambda row: not row.woken_at).write(
            {"woken_at": fields.Datetime.now(), "woken_by": "person"})
        sleeps.lead_id = self
        return result

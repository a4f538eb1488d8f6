from odoo import api, fields, models
from odoo.exceptions import AccessError

from .poison import work_off

BATCH = 100
ACTIVITY_TYPE = "sales_automation.mail_activity_type_brief"


class SalesBrief(models.Model):
    """One row per deal and new owner: whether he has read how the deal stands.

    waiting → read | dropped. Dropped: the deal went on to somebody else, or was closed, before he
    read it. Written by `_give`, `_set_read`, `_set_dropped` and the escalation job only; what the
    brief says is worked out when it is opened.
    """

    _name = "sales.brief"
    _description = "Brief for a New Owner"
    _order = "given_at desc, id desc"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade",
        index=True)
    partner_id = fields.Many2one(related="lead_id.partner_id", string="Customer")
    user_id = fields.Many2one(
        "res.users", "New Owner", required=True, readonly=True, index=True)
    from_user_id = fields.Many2one("res.users", "Until Now", readonly=True)
    given_by_id = fields.Many2one("res.users", "Given By", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index="btree_not_null")
    reason = fields.Selection(
        [
            ("handoff", "Accepted hand-off"),
            ("handover", "Handover"),
            ("reassigned", "Given by a colleague"),
        ], required=True, readonly=True, default="reassigned")
    state = fields.Selection(
        [("waiting", "To Read"), ("read", "Read"), ("dropped", "No Longer Needed")],
        required=True, readonly=True, default="waiting")
    given_at = fields.Datetime("Given On", required=True, readonly=True)
    deadline_at = fields.Datetime(
        "Read Until", required=True, readonly=True,
        help="Counted in working hours of the new owner; see Settings.")
    read_at = fields.Datetime("Read On", readonly=True)
    escalated_at = fields.Datetime("Leader Told On", readonly=True)
    escalated_to_id = fields.Many2one("res.users", "Told To", readonly=True)
    failure = fields.Text(readonly=True, help="Why the team leader could not be told.")
    is_mine = fields.Boolean(compute="_compute_is_mine")
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue")
    body = fields.Html("Brief", compute="_compute_body", sanitize=False)

    _waiting_uniq = models.UniqueIndex(
        "(lead_id) WHERE state = 'waiting'", "The new owner of this deal is asked already.")
    # The job asks for what is due and not told; my day for what waits for one person.
    _due_idx = models.Index("(deadline_at) WHERE state = 'waiting' AND escalated_at IS NULL")

    @api.depends("lead_id.name")
    def _compute_display_name(self):
        for brief in self:
            brief.display_name = self.env._("Brief: %s", brief.lead_id.name)

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for brief in self:
            brief.is_mine = brief.state == "waiting" and brief.user_id == self.env.user

    @api.depends("state", "deadline_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for brief in self:
            brief.is_overdue = brief.state == "waiting" and brief.deadline_at <= now

    @api.depends_context("uid", "lang", "tz")
    def _compute_body(self):
        for brief in self:
            lead = brief.lead_id
            brief.body = lead._render_brief() if lead.has_access("read") else False

    # ---- actions ------------------------------------------------------------------------------

    def action_acknowledge(self):
        """The new owner has read it; nobody can say so for him."""
        for brief in self:
            if brief.user_id != self.env.user:
                raise AccessError(self.env._("Only %s can confirm this brief.",
                                             brief.user_id.name))
        briefs = self.sudo()  # the row is written by the system only
        briefs.filtered(lambda row: row.state == "waiting")._set_read(fields.Datetime.now())
        return True

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "sales.brief", "res_id": self.id,
            "views": [(False, "form")], "target": "current", "name": self.display_name,
        }

    def action_open_lead(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
            "views": [(False, "form")], "target": "current",
        }

    def action_print(self):
        return self.lead_id.action_print_brief()

    # ---- states -------------------------------------------------------------------------------

    @api.model
    def _give(self, leads, from_users, reason, now):
        """Ask the owners of these deals to read their briefs.

        :param from_users: {lead id: who held the deal until now}
        """
        self.search([("lead_id", "in", leads.ids), ("state", "=", "waiting")])._set_dropped()
        self.flush_model(["state"])  # one waiting brief per deal: the index looks at once
        handoffs = self.env["sales.handoff"]
        deadlines, rows = {}, []
        for lead in leads.filtered(lambda lead: lead.user_id.active):
            owner, company = lead.user_id, lead.company_id or lead.user_id.company_id
            key = (owner, company)
            if key not in deadlines:
                deadlines[key] = handoffs._plan_deadline(
                    lead, owner.id, now, hours=company.sales_brief_hours)
            rows.append({
                "lead_id": lead.id, "user_id": owner.id, "from_user_id": from_users.get(lead.id),
                "given_by_id": self.env.uid, "company_id": lead.company_id.id, "reason": reason,
                "given_at": now, "deadline_at": deadlines[key],
            })
        return self.create(rows)

    def _set_read(self, now):
        self.write({"state": "read", "read_at": now})
        self.lead_id.activity_unlink([ACTIVITY_TYPE])
        for brief in self:
            brief.lead_id.message_post(
                body=self.env._("%s has read the brief.", brief.user_id.name),
                subtype_xmlid="mail.mt_note")

    def _set_dropped(self):
        self.write({"state": "dropped"})
        self.filtered("escalated_at").lead_id.activity_unlink([ACTIVITY_TYPE])

    def _set_escalated(self, now):
        """The team leader gets an activity; the brief can still be read."""
        model_id = self.env["ir.model"]._get_id("crm.lead")
        activities = []
        for leader, briefs in self.grouped(lambda brief: brief.lead_id.team_id.user_id).items():
            briefs.write({"escalated_at": now, "escalated_to_id": leader.id})
            activities += [{
                "activity_type_id": self.env.ref(ACTIVITY_TYPE).id, "res_model_id": model_id,
                "res_id": brief.lead_id.id, "user_id": leader.id, "automated": True,
                "date_deadline": leader._get_sales_day(now),
                "summary": self.env._("%s has not read the brief of this deal",
                                      brief.user_id.name),
            } for brief in briefs if leader.active and leader != brief.user_id]
        # No mail per activity: a job may create hundreds; the bell shows them.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(activities)

    # ---- jobs ---------------------------------------------------------------------------------

    @api.model
    def _cron_escalate_briefs(self):
        """Tell team leaders, once, about briefs that were not read in time."""
        now = fields.Datetime.now()
        domain = [("state", "=", "waiting"), ("deadline_at", "<=", now),
                  ("escalated_at", "=", False), ("failure", "=", False)]
        work_off(self, domain, lambda part: part._set_escalated(now), BATCH)

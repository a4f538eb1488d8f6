from odoo import api, fields, models

WAITING = ("requested", "expired")


class CrmLead(models.Model):
    """Who hands the deal over, who is asked to take it, and who keeps reading it."""

    _inherit = "crm.lead"

    inside_user_id = fields.Many2one(
        "res.users", "Inside Sales", copy=False, index="btree_not_null", readonly=True,
        help="Handed the deal over and keeps reading it.", groups="base.group_user",
        prefetch="sales_automation")
    # Plain columns, so that the access rule of salespeople stays one indexable condition.
    handoff_to_id = fields.Many2one(
        "res.users", "Asked to Take Over", copy=False, index="btree_not_null", readonly=True,
        groups="base.group_user", prefetch=True)
    handoff_team_id = fields.Many2one(
        "crm.team", "Team Asked to Take Over", copy=False, index="btree_not_null", readonly=True,
        groups="base.group_user", prefetch=True)
    handoff_ids = fields.One2many(
        "sales.handoff", "lead_id", string="Hand-offs", readonly=True, copy=False,
        groups="base.group_user")
    # The waiting hand-off and what the form says about it.
    handoff_id = fields.Many2one(
        "sales.handoff", "Waiting Hand-off", compute="_compute_handoff", groups="base.group_user")
    handoff_state = fields.Selection(
        selection=lambda self: self.env["sales.handoff"]._fields["state"].selection,
        string="Hand-off", compute="_compute_handoff", groups="base.group_user")
    handoff_summary = fields.Char(compute="_compute_handoff", groups="base.group_user")
    handoff_deadline_at = fields.Datetime(
        "Answer Until", compute="_compute_handoff", groups="base.group_user")
    handoff_can_answer = fields.Boolean(compute="_compute_handoff", groups="base.group_user")
    handoff_can_cancel = fields.Boolean(compute="_compute_handoff", groups="base.group_user")
    sales_can_write = fields.Boolean(compute="_compute_sales_can_write", groups="base.group_user")

    @api.depends("handoff_ids.state", "handoff_to_id", "handoff_team_id")
    @api.depends_context("uid")
    def _compute_handoff(self):
        # the columns say whether anybody is asked: most forms need no query
        asked = self.filtered(lambda lead: lead.handoff_to_id or lead.handoff_team_id)
        waiting = self.env["sales.handoff"].search(
            [("lead_id", "in", asked.ids), ("state", "in", WAITING)])
        by_lead = {handoff.lead_id.id: handoff for handoff in waiting}
        for lead in self:
            handoff = by_lead.get(lead._origin.id, waiting.browse())
            lead.handoff_id = handoff
            lead.handoff_state = handoff.state
            lead.handoff_summary = handoff._tell_parties()
            lead.handoff_deadline_at = handoff.deadline_at
            lead.handoff_can_answer = handoff.can_answer
            lead.handoff_can_cancel = handoff.can_cancel

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_sales_can_write(self):
        """False for whoever only reads the deal because he handed it over or is asked."""
        writable = self._origin._filtered_access("write")
        for lead in self:
            lead.sales_can_write = not lead._origin or lead._origin in writable

    # ---- actions ------------------------------------------------------------------------------

    def action_request_handoff(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_handoff_request_action")
        return {**action, "context": {"default_lead_id": self.id}}

    def action_open_handoff(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "sales.handoff",
            "res_id": self.handoff_id.id, "views": [(False, "form")], "target": "new",
            "name": self.env._("Brief"),
        }

    def action_accept_handoff(self):
        return self.handoff_id.action_accept()

    def action_reject_handoff(self):
        return self.handoff_id.action_reject()

    def action_cancel_handoff(self):
        return self.handoff_id.action_cancel()

    # ---- following the deal -------------------------------------------------------------------

    def _wake_routing(self):
        """Leads were converted: whoever got one is asked at once, not with the next round."""
        self.env.ref("sales_automation.ir_cron_route_opportunities")._trigger()

    def _after_outcome(self, old, new, now):
        super()._after_outcome(old, new, now)
        if new != "open":
            self.env["sales.handoff"].search(
                [("lead_id", "in", self.ids), ("state", "in", WAITING)])._set_cancelled(now)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        handoffs = self.env["sales.handoff"].sudo().search(  # they go with the lead
            [("lead_id", "in", opportunities.ids)])
        handoffs.filtered(lambda row: row.state in WAITING)._set_cancelled(fields.Datetime.now())
        handoffs.lead_id = self
        reader = (self | opportunities).inside_user_id[:1]
        if reader != self.inside_user_id:
            self.sudo().inside_user_id = reader  # written by the system only
        return result

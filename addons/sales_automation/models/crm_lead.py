from functools import partial

from odoo import api, fields, models

from .system_fields import refuse_system_fields, without_defaults

# Writing one of these moves the deal: followed at once (core, too, asks for the outcome then).
MOVES = frozenset({"stage_id", "active", "probability", "lost_reason_id"})
# Writing one of these may move it through computed fields, which core computes in one batch before
# the commit. Asking earlier would compute them lead by lead: so they are followed at that moment.
MAY_MOVE = frozenset({"team_id", "user_id", "company_id", "partner_id", "type"})
# Facts that only the system writes. Some of them open the deal to a reader: whoever could write
# them would hand out access.
SYSTEM_FIELDS = frozenset({
    "sales_outcome", "won_at", "lost_at", "converted_by_id", "inside_user_id", "handoff_to_id",
    "handoff_team_id", "recycle_count", "first_touch_at", "first_touch_origin"})
LOST_OUTCOMES = ("lost", "recycled")


class CrmLead(models.Model):
    """The clock of a deal: its outcome, the moments it was won or lost, and its stays.

    Core decides whether a lead is won or lost (`won_status`); this class only notices the change
    after each write, on every channel. `won_at` and `lost_at` are set when the outcome changes
    and never by archiving, unlike `date_closed`.
    """

    _inherit = "crm.lead"

    sales_outcome = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("recycled", "Not Now")],
        string="Outcome", default="open", readonly=True, copy=False, index=True,
        help="How the deal ended. \"Not now\" is lost with a reason that brings the deal back "
        "later; it counts apart from lost.", groups="base.group_user", prefetch=True)
    won_at = fields.Datetime(
        "Won On", readonly=True, copy=False, index="btree_not_null",
        help="The moment the deal was won. Archiving does not move it; only reopening the deal "
        "empties it.", groups="base.group_user", prefetch="sales_automation")
    lost_at = fields.Datetime(
        "Lost On", readonly=True, copy=False, index="btree_not_null",
        help="The moment the deal was lost or put to \"not now\". Archiving does not move it; "
        "only reopening the deal empties it.", groups="base.group_user",
        prefetch="sales_automation")
    converted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False,
        help="Who, or on whose behalf an automation, turned the lead into an opportunity.",
        groups="base.group_user", prefetch="sales_automation")
    stage_history_ids = fields.One2many(
        "sales.stage.history", "lead_id", string="Stages", readonly=True, copy=False,
        groups="base.group_user")

    # The routing job asks for recent conversions only; core has no index on the date.
    _sales_conversion_idx = models.Index("(date_conversion) WHERE date_conversion IS NOT NULL")
    # What was closed in a period: each figure of the reports and of the dashboard asks for it.
    _sales_closed_idx = models.Index(
        "(COALESCE(won_at, lost_at)) WHERE COALESCE(won_at, lost_at) IS NOT NULL")

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_system_fields(vals)
        clean = without_defaults(self, self._get_system_fields())
        leads = super(CrmLead, clean).create(vals_list)
        leads = leads.sudo()  # the creator may not keep access to the lead
        now = fields.Datetime.now()
        leads._follow_outcome(now, created=True)
        if opportunities := leads.filtered(lambda lead: lead.type == "opportunity"):
            opportunities.flush_recordset()  # core computes much of a new deal: in one UPDATE
            history = self.env["sales.stage.history"].sudo()  # nobody may write the history
            history._enter(opportunities, now)
        return leads.with_env(self.env)

    def write(self, vals):
        self._check_system_fields(vals)
        if vals.get("date_conversion"):
            vals = {**vals, "converted_by_id": self.env.uid}
            self._before_commit("_wake_routing")
        leads = self.sudo()  # the write itself may take the lead out of the writer's sight
        if MOVES.isdisjoint(vals):
            if not self.env.context.get("tracking_disable"):
                # Core reads the rows before it writes. As the system that is cheaper: nobody asks
                # of each column who may read it. Core asks next whether the user may write.
                leads.mapped("sales_outcome")
            if not MAY_MOVE.isdisjoint(vals):
                self._before_commit("_follow_settled")
            return super().write(vals)
        before = leads._clock_states()
        result = super().write(vals)
        leads._follow_clock(before, is_system="stage_id" not in vals)
        return result

    # ---- actions ------------------------------------------------------------------------------

    def action_open_stage_history(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_stage_history_action")
        return {**action, "domain": [("lead_id", "=", self.id)], "context": {}}

    # ---- the clock ----------------------------------------------------------------------------

    @api.model
    def _get_system_fields(self):
        """Names of the facts that only the system writes; subjects add theirs."""
        return SYSTEM_FIELDS

    def _check_system_fields(self, vals):
        refuse_system_fields(self, self._get_system_fields(), vals)

    def _clock_states(self):
        """Return {lead id: (what moves the clock, who holds the deal)}, read before a write."""
        return {
            lead.id: (
                (lead.stage_id.id, lead.sales_outcome, lead.type),
                (lead.user_id.id, lead.team_id.id, lead.company_id.id),
            ) for lead in self
        }

    def _follow_clock(self, before, *, is_system):
        """Compare with the states before the write; record outcomes and stays that changed."""
        now = fields.Datetime.now()
        self._follow_outcome(now)
        after = self._clock_states()
        changed = self.filtered(
            lambda lead: after[lead.id] != before[lead.id] and lead.type == "opportunity")
        if not changed:
            return
        moved = changed.filtered(lambda lead: after[lead.id][0] != before[lead.id][0])
        stage_moved = moved.filtered(
            lambda lead: after[lead.id][0][0] != before[lead.id][0][0])
        history = self.env["sales.stage.history"]
        history._follow(changed, moved, now, is_system=is_system and bool(stage_moved))
        if relabelled := moved.filtered(
                lambda lead: before[lead.id][0][1] in LOST_OUTCOMES
                and lead.sales_outcome in LOST_OUTCOMES):
            history._relabel(relabelled)

    def _before_commit(self, method):
        """Have the method called once before the commit, on all records that asked for it."""
        precommit, key = self.env.cr.precommit, f"sales_automation.{method}"
        if key not in precommit.data:
            everyone = self.browse().sudo()  # whoever writes, history and jobs are the system's
            precommit.add(partial(everyone._run_before_commit, key, method))
        precommit.data.setdefault(key, set()).update(self.ids)

    def _run_before_commit(self, key, method):
        leads = self.browse(self.env.cr.precommit.data.pop(key, ())).exists()
        getattr(leads, method)()
        self.env.flush_all()

    def _follow_settled(self):
        """Computed fields have settled: whatever has moved by now, nobody moved it."""
        now = fields.Datetime.now()
        self._follow_outcome(now)
        if deals := self.filtered(lambda lead: lead.type == "opportunity"):
            self.env["sales.stage.history"]._follow(deals, deals, now, is_system=True)

    def _follow_outcome(self, now, *, created=False):
        """Write the outcome where core's verdict changed, grouped so that batches stay batches."""
        turned = {}
        for lead in self:
            old, new = lead.sales_outcome or "open", lead._get_outcome()
            if old != new:
                turned.setdefault((old, new), self.browse())
                turned[old, new] |= lead
        for (old, new), leads in turned.items():
            vals = self._prepare_outcome_vals(old, new, now)
            if created:
                # A deal that is imported closed brings its own date.
                moment = "won_at" if new == "won" else "lost_at"
                for date, dated in leads.grouped("date_closed").items():
                    super(CrmLead, dated).write({**vals, moment: date or now})
            else:
                super(CrmLead, leads).write(vals)
            leads._after_outcome(old, new, now)

    def _get_outcome(self):
        """Return the outcome of one lead from core's verdict and the reason's flag."""
        if self.won_status == "won":
            return "won"
        if self.won_status == "lost":
            return "recycled" if self.lost_reason_id.is_recycle else "lost"
        return "open"

    @api.model
    def _prepare_outcome_vals(self, old, new, now):
        vals = {"sales_outcome": new}
        if new == "open":
            vals.update(won_at=False, lost_at=False)
        elif new == "won":
            vals.update(won_at=now, lost_at=False)
        elif old not in LOST_OUTCOMES:
            vals.update(won_at=False, lost_at=now)
        return vals

    def _after_outcome(self, old, new, now):
        """Called once per group of leads whose outcome changed from `old` to `new`."""

    @api.model
    def _backfill_history(self, lead_ids):
        self.env["sales.stage.history"]._backfill(lead_ids)

    # ---- side panel ---------------------------------------------------------------------------

    @api.model
    def _deal_panel_sections(self):
        """Return {key: {"title", "icon", "sequence"}}, the cards of the side panel.

        Extended by super() in the file of each subject; it begins here because this file is
        loaded before all of them. What a card says is answered by `_deal_panel_<key>(now)`.
        """
        return {}

    # ---- merge --------------------------------------------------------------------------------

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        history = self.env["sales.stage.history"].sudo()  # nobody may write the history
        history._merge_into(self, opportunities, fields.Datetime.now())
        return result

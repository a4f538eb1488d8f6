from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.addons.sales_automation.models.playbook_refusal import PlaybookRefusal
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Writing one of these may bring a deal forward.
PLAYBOOK_MOVES = frozenset({"stage_id", "type"})
TOLD_DEALS = 20  # of how many deals a refusal tells; the rest is counted


class PlaybookRules(NamedTuple):
    """What all playbooks together ask of a save, so that most saves ask nothing."""

    enforced: bool
    launches: bool
    guarded: frozenset
    scope: frozenset  # writing one of these may bring a deal under another playbook


class CrmLead(models.Model):
    """The gate between stages: one place for the form, kanban, list, import, RPC and jobs.

    The deal is checked as it is after the write, so that a field and the stage may come
    together; a refusal is an error that takes everything back.
    """

    _inherit = "crm.lead"

    playbook_id = fields.Many2one(
        "sales.playbook", compute="_compute_playbook_id",
        help="The most specific playbook that fits the deal.", groups="base.group_user")
    playbook_answer_ids = fields.One2many(
        "sales.playbook.answer", "lead_id", readonly=True, copy=False, groups="base.group_user")

    @api.depends("team_id", "company_id", "type")
    def _compute_playbook_id(self):
        playbooks = self.env["sales.playbook"]._apply_to(self._origin)
        for lead in self:
            lead.playbook_id = playbooks.get(lead._origin.id, False)

    # ---- CRUD ---------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rules = self._playbook_rules()
        placed = rules.enforced and (
            "default_stage_id" in self.env.context or any("stage_id" in vals for vals in vals_list))
        leads = super().create(vals_list)
        if held := self._get_held_rows():
            held.created = leads.ids
        if placed:
            leads._guard_move({}, fields.Datetime.now())
        if rules.launches:
            leads._launch_plans({})
        return leads

    def write(self, vals):
        rules = self._playbook_rules()
        moving = (rules.enforced or rules.launches) and not PLAYBOOK_MOVES.isdisjoint(vals)
        switching = rules.enforced and not rules.scope.isdisjoint(vals)
        touched = rules.guarded & vals.keys()
        if not moving and not switching and not touched:
            return super().write(vals)
        leads = self.sudo()  # the write itself may take the deal out of the writer's sight
        before = {lead.id: lead.stage_id for lead in leads if lead.type == "opportunity"}
        were_deals = leads._get_former_deals() if "type" in vals else leads.browse()
        playbooks = self.env["sales.playbook"]._apply_to(leads) if switching else {}
        filled = {name: leads.filtered(name) for name in touched}
        result = super().write(vals)
        now = fields.Datetime.now()
        if rules.enforced and (moving or switching):
            from_start = were_deals | (
                leads._get_switched(before, playbooks) if switching else leads.browse())
            self._guard_move(
                {**before, **dict.fromkeys(from_start.ids, leads.stage_id.browse())}, now)
        for name, holders in filled.items():
            self._guard_emptied(name, holders, now)
        if moving and rules.launches:
            self._launch_plans(before)
        return result

    @api.model
    @tools.ormcache()
    def _playbook_rules(self):
        """Return what any playbook asks; forgotten whenever a playbook is changed."""
        playbooks = self.env["sales.playbook"].sudo().with_context(  # rules bind everybody
            active_test=True).search([])
        steps = playbooks.step_ids
        criteria = steps.criterion_ids.filtered(
            lambda row: row.step_id.playbook_id.enforcement == "block" and row.kind == "field")
        return PlaybookRules(
            enforced=any(
                step.criterion_ids and step.playbook_id.enforcement != "off" for step in steps),
            launches=any(step.plan_id and step.plan_start == "enter" for step in steps),
            guarded=frozenset(criteria.mapped("field_name")),
            scope=frozenset().union(*(playbook._get_scope_fields() for playbook in playbooks)))

    # ---- the gate -----------------------------------------------------------------------------

    def _guard_move(self, before, now):
        """Refuse, let pass or note the deals that went forward with something missing.

        :param before: {lead id: stage} of the deals that were deals before; others just came.
            No stage: it is asked for everything that is behind it
        """
        leads = self.sudo()  # read as the system: the mover may not see the deal any more
        moved = leads.filtered(lambda lead: (
            lead.type == "opportunity" and lead.stage_id
            and (lead.id not in before or before[lead.id] != lead.stage_id)))
        sources = {lead.id: before.get(lead.id) for lead in moved}
        unmet = moved._find_playbook_gaps(sources, {lead.id: lead.stage_id for lead in moved}, now)
        if not unmet:
            return
        at_create = self.env["sales.playbook.criterion"]._kinds_that("at_create")
        blocked, rows = {}, {}
        for lead in moved.filtered(lambda lead: lead.id in unmet):
            playbook, criteria = unmet[lead.id]
            kind = "warned"
            if lead.id not in before:  # nobody can have held a meeting on a deal that is new
                kind = "created"
                due = criteria.filtered(lambda row: row.kind in at_create)
                criteria = due or criteria
            else:
                due = criteria
            if playbook.enforcement == "block" and due:
                kind = self._let_pass(lead)
            row = (lead, playbook, sources[lead.id], lead.stage_id, criteria._get_labels())
            if kind:
                rows.setdefault(kind, []).append(row)
            else:
                blocked[lead.id] = row
        if blocked:
            raise self._prepare_refusal(list(blocked.values()))
        for kind, passed in rows.items():
            self._note_passed(kind, passed, now)

    def _get_former_deals(self):
        """Leads that were deals before: what happened to them has happened."""
        return self.filtered(lambda lead: lead.type != "opportunity" and lead.stage_history_ids)

    def _get_switched(self, before, playbooks):
        """Deals that another playbook applies to than before."""
        now = self.env["sales.playbook"]._apply_to(self)
        return self.filtered(lambda lead: (
            lead.id in before and lead.id in now and now[lead.id] != playbooks.get(lead.id)))

    def _find_playbook_gaps(self, sources, targets, now):
        """Return {lead id: (playbook, criteria)} of the deals that miss something on the way.

        :param sources: {lead id: the stage that the deal leaves, or None when it is new}
        :param targets: {lead id: the stage that it enters}
        """
        playbooks = self.env["sales.playbook"]._apply_to(self)
        wanted = {}
        for lead in self.sudo():  # the rules see the whole deal, whoever moves it
            playbook = playbooks.get(lead.id)
            if playbook and playbook.enforcement != "off":
                steps = playbook._steps_left(lead, sources.get(lead.id), targets[lead.id])
                if steps.criterion_ids:
                    wanted[lead] = steps.criterion_ids
        unmet = self.env["sales.playbook.criterion"].sudo()._find_unmet(  # facts, not screens
            wanted, now) if wanted else {}
        return {lead_id: (playbooks[lead_id], criteria) for lead_id, criteria in unmet.items()}

    def _let_pass(self, lead):
        """Return why a deal that misses something may pass nevertheless, or False."""
        if self.env.su:
            company = lead.company_id or self.env.company
            return "automation" if company.sales_playbook_automation_passes else False
        if self._get_pass_reason() and self._may_override(lead):
            return "override"
        return False

    def _get_pass_reason(self):
        """What a manager said when he let the deal pass."""
        reason = self.env.context.get("sales_playbook_reason")
        return reason.strip() if isinstance(reason, str) else ""

    def _may_override(self, lead):
        return lead.team_id.user_id == self.env.user or self.env.user.has_group(
            "sales_automation.group_sales_automation_manager")

    def _note_passed(self, kind, rows, now):
        reason = self._get_pass_reason() if kind == "override" else False
        self.env["sales.playbook.override"]._log(kind, rows, now, reason)
        bodies = {
            lead.id: self._tell_passed(kind, target, words, reason)
            for lead, _playbook, _source, target, words in rows}
        leads = self.browse(bodies).sudo()  # a note of the system, on whatever the mover may see
        leads._message_log_batch(bodies=bodies)
        if kind == "warned" and not self.env.su:
            self._warn_mover(rows)

    def _warn_mover(self, rows):
        """Say at once, on whatever screen, what the note in the chatter says."""
        deal, _playbook, _source, target, words = rows[0]
        message = self.env._(
            "%(deal)s moved to %(stage)s although something is missing: %(missing)s",
            deal=deal.name, stage=target.name, missing="; ".join(words))
        if len(rows) > 1:
            message = self.env._(
                "%s deals moved although something is missing. Each says what in its chatter.",
                len(rows))
        self.env.user._bus_send("simple_notification", {
            "type": "warning", "title": self.env._("The playbook is not finished"),
            "message": message})

    def _tell_passed(self, kind, target, words, reason):
        missing = "; ".join(words)
        if kind == "override":
            return self.env._(
                "Let pass to %(stage)s although something is missing: %(missing)s. Reason: "
                "%(reason)s", stage=target.name, missing=missing, reason=reason)
        return self.env._(
            "Moved to %(stage)s although something is missing: %(missing)s",
            stage=target.name, missing=missing)

    def _prepare_refusal(self, rows):
        """Return the error that says per deal what is missing."""
        lines = []
        for lead, _playbook, source, target, words in rows[:TOLD_DEALS]:
            lines.append(self.env._(
                "%(deal)s (%(old)s → %(new)s):", deal=lead.name,
                old=source.name if source else self.env._("new"), new=target.name))
            lines += [f"  • {word}" for word in words]
        if len(rows) > TOLD_DEALS:
            lines.append(self.env._("… and %s more deals.", len(rows) - TOLD_DEALS))
        head = (self.env._("The playbook is not finished here yet. Still to do:")
                if len(rows) == 1 else
                self.env._("%s deals cannot go on yet; nothing was changed. Still to do:",
                           len(rows)))
        return PlaybookRefusal(
            "\n".join([head, *lines]), {row[0].id: row[4] for row in rows}, rows[0][3].id,
            is_new=any(not row[2] for row in rows))

    # ---- facts that stay ----------------------------------------------------------------------

    def _guard_emptied(self, name, holders, now):
        """Refuse to empty a field that a step behind the deal had asked for.

        The step in which the deal stands asks when it leaves, so there the field is free.
        """
        emptied = holders.filtered(lambda lead: (
            not lead[name] and lead.type == "opportunity" and lead.won_status != "lost"))
        playbooks = self.env["sales.playbook"]._apply_to(emptied) if emptied else {}
        rows, refused = {}, []
        for lead in emptied:
            playbook = playbooks.get(lead.id)
            if not playbook or playbook.enforcement != "block":
                continue
            criteria = playbook._steps_left(lead, None, lead.stage_id).criterion_ids.filtered(
                lambda row: row.kind == "field" and row.field_name == name)
            if not criteria:
                continue
            row = (lead, playbook, lead.stage_id, lead.stage_id, criteria._get_labels())
            kind = self._let_pass(lead)
            if kind:
                rows.setdefault("emptied" if kind == "override" else kind, []).append(row)
            else:
                refused.append(lead)
        if refused:
            raise ValidationError(self.env._(
                "%(field)s stays filled: the playbook asked for it in a stage that is behind "
                "these deals. Change it instead, or move the deal back first.\n%(deals)s",
                field=self._fields[name]._description_string(self.env),
                deals="\n".join(f"  • {lead.name}" for lead in refused[:TOLD_DEALS])))
        for kind, passed in rows.items():
            self.env["sales.playbook.override"]._log(
                kind, passed, now, self._get_pass_reason())

    # ---- what criteria ask --------------------------------------------------------------------

    def _matching(self, domain):
        """Return those of these leads that match, in one query, whatever their state."""
        found = self.sudo().with_context(active_test=False).search(  # rules see the whole deal
            Domain("id", "in", self.ids) & domain)
        ids = set(found.ids)
        return self.filtered(lambda lead: lead.id in ids)

    def _with_done_activity(self, domain):
        """Return the ids of those of these leads on which such an activity was done."""
        activities = self.env["mail.activity"].sudo()  # done by whomever
        rows = activities.with_context(active_test=False)._read_group(
            Domain("res_model", "=", "crm.lead") & Domain("res_id", "in", self.ids)
            & Domain("active", "=", False) & Domain("date_done", "!=", False) & domain,
            ["res_id"])
        return {res_id for (res_id,) in rows}

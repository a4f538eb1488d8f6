import logging
from ast import literal_eval

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import playbook as rules
from odoo.addons.sales_automation.models.res_company_playbook import ENFORCEMENTS
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class SalesPlaybook(models.Model):
    """One row per way of selling: what to do in each stage and what must be done to go on.

    Of all playbooks that fit a deal exactly one applies: the most specific (team, then filter,
    then company), then the first in the list.
    """

    _name = "sales.playbook"
    _description = "Playbook"
    _inherit = ["mail.thread", "sales.playbook.part"]
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10, help="Of two playbooks that fit equally the first wins.")
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self._default_company_id(),
        help="Deals of this company only. Empty: deals of all companies.")
    team_ids = fields.Many2many(
        "crm.team", string="Sales Teams", check_company=True,
        help="Deals of these teams only. Empty: deals of all teams.")
    filter_domain = fields.Char(
        "Deals", default="[]",
        help="Which deals the playbook is for, for example new customers or deals above an "
        "amount. Empty: all deals of the teams.")
    enforcement = fields.Selection(
        ENFORCEMENTS, required=True, tracking=True,
        default=lambda self: self.env.company.sales_playbook_enforcement,
        help="Guide only: nothing is checked. Warn: the deal moves, and a note says what was "
        "missing. Block: the deal stays until everything is done or a manager lets it pass with "
        "a reason.")
    is_new_practice = fields.Boolean(
        "New Practice", tracking=True,
        help="Tick this when a criterion asks for something that nobody did before, so that no "
        "deal of the past can have met it. Otherwise a playbook that none of the deals won in "
        "the last year would have passed is refused.")
    step_ids = fields.One2many("sales.playbook.step", "playbook_id", "Steps", copy=True)
    step_count = fields.Integer(compute="_compute_step_count")
    override_count = fields.Integer("Exceptions", compute="_compute_override_count")
    scope = fields.Char(compute="_compute_scope", help="Which deals the playbook is for, in words.")

    @api.depends("step_ids")
    def _compute_step_count(self):
        for playbook in self:
            playbook.step_count = len(playbook.step_ids)

    def _compute_override_count(self):
        counts = dict(self.env["sales.playbook.override"]._read_group(
            [("playbook_id", "in", self.ids)], ["playbook_id"], ["__count"]))
        for playbook in self:
            playbook.override_count = counts.get(playbook._origin, 0)

    @api.depends("team_ids.name", "filter_domain", "company_id.name")
    def _compute_scope(self):
        for playbook in self:
            parts = []
            if playbook.team_ids:
                parts.append(self.env._(
                    "team %s", ", ".join(playbook.team_ids.mapped("name"))))
            if playbook._has_filter():
                parts.append(self.env._("deals that match its filter"))
            if playbook.company_id:
                parts.append(self.env._("company %s", playbook.company_id.name))
            playbook.scope = "; ".join(parts) or self.env._("all deals")

    def _get_playbooks(self):
        return self

    # ---- actions ------------------------------------------------------------------------------

    def action_open_overrides(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.sales_playbook_override_action")
        return {**action, "domain": [("playbook_id", "=", self.id)], "context": {}}

    # ---- which playbook applies ---------------------------------------------------------------

    def _has_filter(self):
        return bool(self.filter_domain) and self.filter_domain.strip() not in ("", "[]")

    def _get_filter(self):
        """Return the filter as a Domain, or None when a field that it names was removed."""
        return self._parse(self.filter_domain)

    @api.model
    def _parse(self, text):
        """Return a condition as a Domain, or None when deals cannot be compared with it any more.

        It was checked when it was written; but an addon whose field it names may be gone since,
        and that must not stop every deal.
        """
        try:
            domain = Domain(literal_eval(text or "[]"))
            domain.validate(self.env["crm.lead"])
        except (ValueError, SyntaxError) as error:
            _logger.warning("A condition of a playbook is not used: %s", error)
            return None
        return domain

    def _get_scope_fields(self):
        """Return the names of a deal's fields that decide whether the playbook is for it."""
        domain = self._get_filter() if self._has_filter() else None
        names = {
            condition.field_expr.split(".")[0]
            for condition in (domain.iter_conditions() if domain is not None else ())}
        if self.team_ids:
            names.add("team_id")
        if self.company_id:
            names.add("company_id")
        if not names.isdisjoint(("team_id", "company_id")):
            names |= {"user_id", "team_id"}  # core lets the team, and the company, follow
        return names

    @api.model
    def _ranked(self, companies):
        """Return the active playbooks of the companies, the most specific first."""
        everybody = self.sudo()  # rules bind whoever may not open the playbook, too
        playbooks = everybody.with_context(active_test=True).search(
            [("company_id", "in", [False, *companies.ids])])
        return playbooks.sorted(lambda playbook: -rules.specificity(
            has_team=bool(playbook.team_ids), has_filter=playbook._has_filter(),
            has_company=bool(playbook.company_id)))

    @api.model
    def _apply_to(self, leads):
        """Return {lead id: the playbook that applies}; leads without one are left out.

        One query per playbook with a filter, whatever the number of leads.
        """
        leads = leads.sudo()  # which rules apply does not depend on who asks
        leads = leads.filtered(lambda lead: lead.type == "opportunity")
        result = {}
        companies = leads.company_id | self.env.company  # a deal without one is of the user's
        for playbook in self._ranked(companies) if leads else ():
            rest = leads.filtered(lambda lead: lead.id not in result)
            if not rest:
                break
            result.update((lead.id, playbook) for lead in playbook._fitting(rest))
        return result

    def _fitting(self, leads):
        fitting = leads.filtered(lambda lead: (
            (not self.company_id or (lead.company_id or self.env.company) == self.company_id)
            and (not self.team_ids or lead.team_id in self.team_ids)))
        if not fitting or not self._has_filter():
            return fitting
        domain = self._get_filter()
        return fitting.browse() if domain is None else fitting._matching(domain)

    # ---- what a move has to satisfy -----------------------------------------------------------

    def _steps_left(self, lead, source, target):
        """Return the steps that the deal leaves behind, in the order of the pipeline."""
        steps = {
            step._place(): step for step in self.step_ids
            if not step.stage_id.team_ids or lead.team_id in step.stage_id.team_ids
        }
        left = rules.steps_left(steps, source._place() if source else None, target._place())
        return self.env["sales.playbook.step"].concat(*(steps[place] for place in left))

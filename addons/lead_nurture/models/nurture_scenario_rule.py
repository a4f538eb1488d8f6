from odoo import api, fields, models
from odoo.exceptions import ValidationError


class NurtureScenarioRule(models.Model):
    """One row: one thing on which people leave a scenario, because it is its goal or because it
    makes the journey pointless.

    What a kind of rule asks is said by one registry entry, `_summary_of_<kind>` and
    `_query_when_<kind>`; a kind that needs settings has `_fault_of_<kind>`.
    """

    _name = "nurture.scenario.rule"
    _inherit = ["nurture.event.filter"]
    _description = "Goal or exit rule of a scenario"
    _order = "scenario_id, purpose desc, sequence, id"
    _check_company_auto = True

    scenario_id = fields.Many2one("nurture.scenario", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scenario_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    purpose = fields.Selection(
        [("goal", "Goal"), ("exit", "Exit rule")], required=True, default="goal"
    )
    kind = fields.Selection(selection="_selection_kind", string="When", required=True,
                            default="event")  # fmt: skip
    status_id = fields.Many2one(
        "nurture.status", "Lifecycle status", ondelete="restrict",
        help="Any lead of the person comes to this status, or to one further on the path, after "
        "the person has entered.",
    )  # fmt: skip
    segment_id = fields.Many2one(
        "nurture.segment", "Segment", ondelete="restrict", index="btree_not_null",
        domain="[('company_id', 'in', [False, company_id]), ('state', '!=', 'draft')]",
        help="Counted from the moment the person entered the scenario. Goals do not count what "
        "people did to a segment by editing its conditions; exit rules do.",
    )  # fmt: skip
    domain = fields.Char(
        "Conditions", default="[]",
        help="Looked at before each step and every 15 minutes. Whoever matches on entering leaves "
        "at once.",
    )  # fmt: skip
    value = fields.Monetary(
        "Worth", help="What one person who reaches this goal is worth, to compare scenarios. "
        "Deals are counted apart, by their own revenue."
    )  # fmt: skip
    summary = fields.Char("In words", compute="_compute_summary")

    _value_positive = models.Constraint("CHECK (value >= 0)", "A goal cannot be worth less than 0.")

    @api.model
    def _leaving_kinds(self):
        """Registry of what people leave on: {kind: label}."""
        _ = self.env._
        return {
            "event": _("Something happens"),
            "status": _("A lifecycle status is reached"),
            "segment_enter": _("The person enters a segment"),
            "segment_leave": _("The person leaves a segment"),
            "won": _("A deal of the person is won"),
            "domain": _("The lead matches conditions"),
        }

    @api.model
    def _selection_kind(self):
        return [*self._leaving_kinds().items()]

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.constrains("kind", "event_kind", "status_id", "segment_id", "domain", "scenario_id")
    def _check_settings(self):
        for rule in self:
            if sentence := rule._fault():
                raise ValidationError(sentence)

    def _fault(self):
        """A sentence why the rule cannot work, or False."""
        check = getattr(self, f"_fault_of_{self.kind}", None)
        return check() if check else False

    def _fault_of_event(self):
        return not self.event_kind and self.env._("Say what must happen.")

    def _fault_of_status(self):
        return not self.status_id and self.env._("Say which lifecycle status must be reached.")

    def _fault_of_segment_enter(self):
        segment = self.segment_id.sudo()  # sudo: what the rule asks for, not a reader
        if not segment:
            return self.env._("Say which segment the person enters or leaves.")
        if segment.company_id and segment.company_id != self.company_id:
            return self.env._("The segment “%s” is of another company.", segment.name)
        return False

    def _fault_of_segment_leave(self):
        return self._fault_of_segment_enter()

    def _fault_of_domain(self):
        scenarios = self.env["nurture.scenario"]
        scenarios._validate_lead_domain(self.domain)
        if scenarios._parse_lead_domain(self.domain).is_true():
            return self.env._("The conditions are empty: everybody would leave at once.")
        return False

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends(
        "kind", "event_kind", "url_pattern", "topic", "count_by", "min_count", "status_id",
        "segment_id", "domain",
    )  # fmt: skip
    def _compute_summary(self):
        for rule in self:
            rule.summary = getattr(rule, f"_summary_of_{rule.kind or 'event'}")()

    @api.depends("summary")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = rule.summary

    def _summary_of_event(self):
        return ", ".join(self._summary_of_events())

    def _summary_of_status(self):
        return self.env._("Reaches “%s”", self.status_id.name or "")

    def _summary_of_segment_enter(self):
        return self.env._("Enters “%s”", self.segment_id.name or "")

    def _summary_of_segment_leave(self):
        return self.env._("Leaves “%s”", self.segment_id.name or "")

    def _summary_of_won(self):
        return self.env._("A deal is won")

    def _summary_of_domain(self):
        words = self.env["nurture.record.filter"]._words_of_domain(
            self.env["crm.lead"], self.domain
        )
        return self.env._("The lead: %s", words)

from odoo import api, fields, models
from odoo.tools import SQL


class NurtureScenario(models.Model):
    """What a scenario is for (goals), what makes a journey pointless (exit rules), and who is left
    out of it altogether (suppression)."""

    _inherit = "nurture.scenario"

    goal_ids = fields.One2many(
        "nurture.scenario.rule", "scenario_id", "Goals", domain=[("purpose", "=", "goal")],
        copy=True,
        help="Whoever reaches one of them after entering has what the scenario was for, and leaves "
        "at once.",
    )  # fmt: skip
    exit_rule_ids = fields.One2many(
        "nurture.scenario.rule", "scenario_id", "Exit rules", domain=[("purpose", "=", "exit")],
        copy=True, help="Whoever meets one of them after entering leaves at once.",
    )  # fmt: skip
    goal_days = fields.Integer(
        "Counts after leaving", default=30,
        help="Days after a person has left in which a goal still counts as reached, and a deal won "
        "as revenue of the scenario. 0: only who is still inside.",
    )  # fmt: skip
    suppress_segment_ids = fields.Many2many(
        "nurture.segment", "nurture_scenario_suppress_rel", "scenario_id", "segment_id",
        "Never people in",
        domain="[('company_id', 'in', [False, company_id]), ('state', '!=', 'draft')]",
        help="People in one of these segments never enter, and leave when they come into one. "
        "It is asked once more right before each mail leaves.",
    )  # fmt: skip

    _goal_days_bounded = models.Constraint(
        "CHECK (goal_days BETWEEN 0 AND 365)",
        "A goal counts between 0 and 365 days after somebody has left.",
    )

    @api.model
    def _rules_of(self, scenarios):
        return scenarios.goal_ids | scenarios.exit_rule_ids

    def _reason_not_to_run(self):
        for rule in self._rules_of(self):
            if fault := rule._fault():
                return fault
        for segment in self.suppress_segment_ids.sudo():  # sudo: what it asks for, not a reader
            if segment.company_id and segment.company_id != self.company_id:
                return self.env._("The segment “%s” is of another company.", segment.name)
        return super()._reason_not_to_run()

    @api.model
    def _entry_bars(self):
        return {
            "suppressed": self.env._("are in a segment that is left out"), **super()._entry_bars()
        }  # fmt: skip

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_bars(self, policy, now):
        suppressed = self._query_is_suppressed(SQL("%s", self.id), SQL("c.person_id"))
        return {"suppressed": suppressed, **super()._query_bars(policy, now)}

    @api.model
    def _query_is_suppressed(self, scenario, person):
        # index nurture_segment_member_open_uniq
        return SQL(
            """EXISTS (SELECT 1 FROM nurture_scenario_suppress_rel r
                         JOIN nurture_segment_member m
                           ON m.segment_id = r.segment_id AND m.left_at IS NULL
                        WHERE r.scenario_id = %s AND m.person_id = %s)""",
            scenario,
            person,
        )

    @api.model
    def _query_suppressed_person(self, scenario_id, person_id):
        return SQL(
            "SELECT 1 WHERE %s",
            self._query_is_suppressed(SQL("%s", scenario_id), SQL("%s", person_id or None)),
        )

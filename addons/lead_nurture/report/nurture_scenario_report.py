from odoo import fields, models
from odoo.tools import SQL


class NurtureScenarioReport(models.Model):
    """One row: one journey of one person, with what came of it as figures that can be summed, or
    averaged if there are enough of them."""

    _name = "nurture.scenario.report"
    _inherit = ["nurture.average.mixin"]
    _description = "Scenario results"
    _auto = False
    _averaged_from = 20
    _order = "enrolled_at desc, id desc"
    _rec_name = "scenario_id"
    _depends = {
        "nurture.enrolment": ["scenario_id", "version_id", "company_id", "person_id", "lead_id",
                              "enrolled_at", "ended_at", "exit_reason", "goal_at", "goal_value",
                              "goal_rule_id", "state"],
    }  # fmt: skip

    scenario_id = fields.Many2one("nurture.scenario", "Scenario", readonly=True)
    version_id = fields.Many2one("nurture.scenario.version", "Version", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    person_id = fields.Many2one("nurture.person", "Person", readonly=True)
    lead_id = fields.Many2one("crm.lead", "Lead", readonly=True)
    goal_rule_id = fields.Many2one("nurture.scenario.rule", "Goal", readonly=True)
    enrolled_at = fields.Datetime("Entered", readonly=True)
    ended_at = fields.Datetime("Left", readonly=True)
    exit_reason = fields.Selection(
        lambda self: self.env["nurture.enrolment"]._selection_exit_reason(), "Left because",
        readonly=True,
    )  # fmt: skip
    entered = fields.Integer("People", readonly=True)
    inside = fields.Integer("In progress", readonly=True)
    reached = fields.Integer("Goals", readonly=True)
    rate = fields.Float(
        "% goal", readonly=True, aggregator="avg", digits=(16, 1),
        help="Of all who entered, those in progress included. Shown from 20 people on.",
    )  # fmt: skip
    days = fields.Float(
        "Days to the goal", readonly=True, aggregator="avg", digits=(16, 1),
        help="From entering to the goal, on average. Shown from 20 goals on.",
    )  # fmt: skip
    value = fields.Monetary("Worth of goals", readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        return SQL(
            """SELECT j.id, j.scenario_id, j.version_id, j.company_id, j.person_id, j.lead_id,
                      j.goal_rule_id, j.enrolled_at, j.ended_at, j.exit_reason, 1 AS entered,
                      CASE WHEN j.ended_at IS NULL THEN 1 ELSE 0 END AS inside,
                      CASE WHEN j.goal_at IS NULL THEN 0 ELSE 1 END AS reached,
                      CASE WHEN j.goal_at IS NULL THEN 0.0 ELSE 100.0 END::float8 AS rate,
                      EXTRACT(EPOCH FROM j.goal_at - j.enrolled_at)::float8 / 86400.0 AS days,
                      j.goal_value AS value
                 FROM nurture_enrolment j"""
        )

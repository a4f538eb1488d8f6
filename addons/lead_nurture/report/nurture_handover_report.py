from odoo import fields, models
from odoo.tools import SQL


class NurtureHandoverReport(models.Model):
    """One row: one hand-over, with its answer and outcome as figures that can be averaged, if there
    are five or more."""

    _name = "nurture.handover.report"
    _inherit = ["nurture.average.mixin"]
    _description = "Hand-over analysis"
    _auto = False
    _order = "handed_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "nurture.handover": ["lead_id", "scenario_id", "company_id", "team_id", "user_id",
                             "handed_at", "decided_at", "state", "outcome", "was_late", "reason_id",
                             "score", "band", "grade"],
    }  # fmt: skip

    lead_id = fields.Many2one("crm.lead", "Lead", readonly=True)
    scenario_id = fields.Many2one("nurture.scenario", "Scenario", readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales team", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    reason_id = fields.Many2one("crm.lost.reason", "Lost reason", readonly=True)
    handed_at = fields.Datetime("Handed over", readonly=True)
    state = fields.Selection(
        lambda self: self.env["nurture.handover"]._fields["state"]._description_selection(self.env),
        "Answer", readonly=True,
    )  # fmt: skip
    outcome = fields.Selection(
        lambda self: self.env["nurture.handover"]._fields["outcome"]._description_selection(
            self.env), readonly=True,
    )  # fmt: skip
    band = fields.Selection(
        lambda self: self.env["nurture.score"]._selection_bands(), "Interest", readonly=True
    )
    grade = fields.Char("Fit", readonly=True)
    score = fields.Integer("Average score", readonly=True, aggregator="avg")
    given = fields.Integer("Hand-overs", readonly=True)
    accepted = fields.Float(
        "% accepted", readonly=True, aggregator="avg", digits=(16, 1),
        help="Of those that sales has answered for.",
    )  # fmt: skip
    late = fields.Float(
        "% late", readonly=True, aggregator="avg", digits=(16, 1),
        help="No answer when it was due, of all.",
    )  # fmt: skip
    won = fields.Float(
        "% won", readonly=True, aggregator="avg", digits=(16, 1),
        help="Of those that have come to an end.",
    )  # fmt: skip
    hours = fields.Float(
        "Hours to accept", readonly=True, aggregator="avg", digits=(16, 1),
        help="From the hand-over to the first thing that the salesperson did.",
    )  # fmt: skip

    @property
    def _table_query(self):
        return SQL(
            """SELECT h.id, h.lead_id, h.scenario_id, h.company_id, h.team_id, h.user_id,
                      h.reason_id, h.handed_at, h.state, h.outcome, h.band, h.grade, h.score,
                      1 AS given,
                      CASE h.state WHEN 'accepted' THEN 100.0 WHEN 'rejected' THEN 0.0
                       END::float8 AS accepted,
                      CASE WHEN h.was_late THEN 100.0 ELSE 0.0 END::float8 AS late,
                      CASE h.outcome WHEN 'won' THEN 100.0 WHEN 'open' THEN NULL ELSE 0.0
                       END::float8 AS won,
                      CASE WHEN h.state = 'accepted' THEN
                           EXTRACT(EPOCH FROM h.decided_at - h.handed_at)::float8 / 3600.0
                       END AS hours
                 FROM nurture_handover h"""
        )

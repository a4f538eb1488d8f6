from odoo import fields, models


class NurtureBacktestLead(models.Model):
    """One row: one closed lead as one backtest saw it, with the scores as of its frozen moment.

    Written set by set by the run, forgotten when the backtest is run again. `round` numbers the
    leads of one person, because a score is of a person and each lead has a moment of its own.
    """

    _name = "nurture.backtest.lead"
    _description = "Lead in a backtest"
    _log_access = False
    _order = "score desc, id"
    _rec_name = "lead_id"

    backtest_id = fields.Many2one(
        "nurture.backtest", "Backtest", required=True, readonly=True, ondelete="cascade"
    )
    lead_id = fields.Many2one(
        "crm.lead", "Lead", required=True, readonly=True, index=True, ondelete="cascade"
    )
    person_id = fields.Integer(readonly=True)  # no foreign key: people are joined any time
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    won = fields.Boolean("Won", readonly=True)
    closed_at = fields.Datetime("Closed", readonly=True)
    as_of = fields.Datetime(
        "Scored as of", readonly=True, help="Nothing that happened later is in the score."
    )
    early = fields.Boolean(
        "Closed early", readonly=True,
        help="Closed before the frozen moment; scored as of one second before.",
    )  # fmt: skip
    score = fields.Integer(readonly=True, aggregator="avg")
    other_score = fields.Integer("Compared", readonly=True, aggregator="avg")
    core_probability = fields.Float(
        "Predicted by CRM (%)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    round = fields.Integer(readonly=True)
    scored = fields.Boolean(readonly=True)

    # what is still to be scored, in order; figures and drill-down of one backtest
    _todo_idx = models.Index("(backtest_id, round, id) WHERE NOT scored")
    _score_idx = models.Index("(backtest_id, score)")

    def action_open_lead(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "view_mode": "form",
            "res_id": self.lead_id.id,
        }

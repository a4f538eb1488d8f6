from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL


class NurtureBacktestLead(models.Model):
    """One row: one closed lead as one backtest saw it, with the scores as of its frozen moment.

    Written set by set by the run, forgotten when the backtest is run again or is old; the figures
    of the run stay. `round` numbers the leads of one person, because a score is of a person and
    each lead has a moment of its own.
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
        return self.lead_id.get_formview_action()

    @api.autovacuum
    def _gc_rows(self):
        """Forget the leads of old runs; their figures stay."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        days = int(parameters.get_param("lead_nurture.backtest_days", 90))
        if days <= 0:
            return 0, 0
        limit = 50_000
        before = fields.Datetime.now() - timedelta(days=days)
        self.env["nurture.backtest"].flush_model(["state", "finished_at"])
        ((number,),) = self.env.execute_query(self._query_gc(before, limit))
        self.invalidate_model(flush=False)
        return number, int(number == limit)

    def _query_gc(self, before, limit):
        # index nurture_backtest_lead_score_idx
        return SQL(
            """WITH gone AS (
                    DELETE FROM nurture_backtest_lead WHERE id IN (
                        SELECT r.id FROM nurture_backtest b
                          JOIN nurture_backtest_lead r ON r.backtest_id = b.id
                         WHERE b.state = 'done' AND b.finished_at < %s LIMIT %s)
                    RETURNING 1)
               SELECT COUNT(*) FROM gone""",
            before,
            limit,
        )

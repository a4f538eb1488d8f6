from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# Points by which a score must have moved since the last row, where neither band nor grade changed.
# With it a night of decay over a million people writes some rows, not a million.
STEP = 10
SHOWN = 60


class NurtureScoreHistory(models.Model):
    """One row: a score moved: to another band or grade, or by ten points since the last row.

    Append-only, written by the statement that writes the scores. Nobody's first score is a move,
    so a new score model begins with an empty history.
    """

    _name = "nurture.score.history"
    _description = "History of a score"
    _log_access = False
    _order = "at desc, id desc"
    _rec_name = "person_id"

    person_id = fields.Many2one(
        "nurture.person", "Person", required=True, readonly=True, ondelete="cascade"
    )
    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, readonly=True, index=True,
        ondelete="cascade",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    at = fields.Datetime("When", required=True, readonly=True)
    version = fields.Integer(readonly=True, help="Version of the score model that said so.")
    total_before = fields.Integer("Score before", readonly=True, aggregator="avg")
    total = fields.Integer("Score", readonly=True, aggregator="avg")
    band_before = fields.Selection("_selection_bands", "Interest before", readonly=True)
    band = fields.Selection("_selection_bands", "Interest", readonly=True)
    grade = fields.Selection(
        [("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")], "Fit", readonly=True
    )

    _person_idx = models.Index("(person_id, model_id, at)")

    @api.model
    def _selection_bands(self):
        return self.env["nurture.score"]._selection_bands()

    @api.autovacuum
    def _gc_history(self):
        """Delete what is older than the setting, in batches."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        days = int(parameters.get_param("lead_nurture.history_days", 730))
        if days <= 0:
            return 0, 0
        limit = 50_000
        before = fields.Datetime.now() - timedelta(days=days)
        rows = self.env.execute_query(self._query_gc(before, limit))
        self.invalidate_model()
        return len(rows), int(len(rows) == limit)

    @api.model
    def _rows_of(self, score):
        """The last moves of one score, oldest first, as the chart wants them."""
        rows = self.search(
            [("person_id", "=", score.person_id.id), ("model_id", "=", score.model_id.id)],
            limit=SHOWN,
        )
        labels = dict(self._selection_bands())
        return [
            {
                "id": row.id,
                "at": fields.Datetime.to_string(row.at),
                "before": row.total_before,
                "total": row.total,
                "band": row.band,
                "band_label": labels.get(row.band, ""),
                "grade": row.grade or "",
                "version": row.version,
            }
            for row in reversed(rows)
        ]

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _query_moved(self, news):
        """Condition: the row of `judged` is a move. Who has no row yet makes one only by `news`."""
        return SQL(
            """((known IS NOT NULL OR %(news)s)
                AND (band <> before OR (known IS NOT NULL AND grade IS DISTINCT FROM grade_before)
                     OR ABS(total - COALESCE(noted_total, total_before, 0)) >= %(step)s))""",
            news=news,
            step=STEP,
        )

    def _query_note(self, model, now):
        """INSERT of the rows that `judged` calls moves."""
        return SQL(
            """INSERT INTO nurture_score_history (person_id, model_id, company_id, at, version,
                                                  total_before, total, band_before, band, grade)
               SELECT person_id, %s, company_id, %s, %s, COALESCE(total_before, 0), total, before,
                      band, grade
                 FROM judged WHERE noted""",
            model.id,
            now,
            model.version,
        )

    def _query_gc(self, before, limit):
        # index nurture_score_history_pkey: the oldest rows have the lowest ids
        return SQL(
            """DELETE FROM nurture_score_history WHERE id = ANY(ARRAY(
                   SELECT id FROM (SELECT id, at FROM nurture_score_history
                                 ORDER BY id LIMIT %s) oldest WHERE at < %s))
               RETURNING id""",
            limit,
            before,
        )

import logging

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine import score as engine
from odoo.addons.lead_nurture.scope import Scope
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

DIRTY_BATCH = 5_000
PASS_CHUNK = 100_000  # persons by range of ids


class NurtureScore(models.Model):
    """One row: what one score model says of one person.

    Derived from events and rules, never counted up, written only where it changed, and never by
    hand. `computed_at` is the moment of which the row speaks: an explanation as of then adds up to
    it. Kept beside leads and contacts so that no salesperson's row is ever locked by it.
    """

    _name = "nurture.score"
    _description = "Score"
    _log_access = False
    _order = "total desc, id"
    _rec_name = "person_id"

    person_id = fields.Many2one(
        "nurture.person", "Person", required=True, readonly=True, ondelete="cascade"
    )
    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, readonly=True, index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    fit = fields.Integer(readonly=True, help="Points for who the person is.", aggregator="avg")
    engagement = fields.Integer(
        "Interest", readonly=True, help="Points for what the person did.", aggregator="avg"
    )
    total = fields.Integer("Score", readonly=True, aggregator="avg")
    band = fields.Selection(
        "_selection_bands", required=True, readonly=True, group_expand=True
    )
    grade = fields.Selection(
        [("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")], readonly=True,
        help="Letter of the fit points, A is best.",
    )
    noted_total = fields.Integer("Score in the last row of the history", readonly=True)
    computed_at = fields.Datetime("As of", readonly=True)

    _person_model_uniq = models.UniqueIndex("(person_id, model_id)")
    # first page of lists by score, with and without a band
    _hot_idx = models.Index("(model_id, band, total DESC, person_id DESC)")
    _top_idx = models.Index("(model_id, total DESC, person_id DESC)")

    @api.model
    def _selection_bands(self):
        _ = self.env._
        return [("hot", _("Hot")), ("warm", _("Warm")), ("cold", _("Cold"))]

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_score(self):
        """Score who is dirty, then go on with full passes. One cron does both, so that only one
        ever writes scores. The claim is the first statement of each transaction."""
        cron = self.env["ir.cron"]
        while done := self._score_dirty_batch(DIRTY_BATCH) or self._score_pass_chunk(PASS_CHUNK):
            if not cron._commit_progress(done, remaining=int(self._has_work())):
                return
        cron._commit_progress(remaining=0)

    @api.model
    def _has_work(self):
        return bool(
            self.env["nurture.dirty"].search_count([], limit=1)
            or self.env["nurture.score.model"].search_count([("pass_pending", "=", True)], limit=1)
        )

    @api.model
    def _score_dirty_batch(self, limit):
        """Score the persons of one batch of the queue; how many there were."""
        loud, quiet = self.env["nurture.dirty"]._claim(limit)
        now = fields.Datetime.now()
        active = self.env["nurture.score.model"].search(
            [("state", "=", "active"), ("error", "=", False)]
        )
        for ids, silent in ((loud, False), (quiet, True)):
            scope = Scope.of_ids(ids, now)
            for model in active if ids else ():
                # while a new model has not yet met everybody, it tells nothing
                quiet_model = model.pass_pending and model.pass_silent
                self._try_write_scores(model, scope, now, silent or quiet_model, touch=True)
        return len(loud) + len(quiet)

    @api.model
    def _score_pass_chunk(self, size):
        """Score the next range of persons of one full pass; 0 when no pass is pending."""
        model = self.env["nurture.score.model"].search([("pass_pending", "=", True)], limit=1)
        if not model:
            return 0
        people = self.env["nurture.person"].with_context(active_test=False)
        last = people.search([], order="id desc", limit=1).id or 0
        low = model.pass_cursor
        high = min(low + size, last)
        now = fields.Datetime.now()
        scope = Scope.of_range(low, high, now)
        if not self._try_write_scores(model, scope, now, model.pass_silent):
            return 1
        if high >= last:
            model.write({"pass_pending": False, "pass_silent": False, "last_pass_at": now})
        model.write({"pass_cursor": high})
        return max(high - low, 1)

    # ------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------

    @api.model
    def _try_write_scores(self, model, scope, now, silent, touch=False):
        """Score, or mark the model as broken: a field of a rule may have left with its module."""
        try:
            with self.env.cr.savepoint():
                self._write_scores(model, scope, now, silent, touch)
        except CONFLICTS:
            raise  # not the fault of the model: the run is repeated
        except Exception as error:  # one bad model must not keep the others from their scores
            _logger.warning("score model %s cannot be calculated: %s", model.id, error)
            model._set_broken(str(error))
            return False
        return True

    @api.model
    def _write_scores(self, model, scope, now, silent=False, touch=False):
        """Bring the scores of the persons in `scope` up to `now`, and tell who changed band.

        Unchanged rows are left alone; with `touch` they get the new moment all the same, because
        their explanation should show what just happened.
        """
        self.env.flush_all()
        self.env.execute_query(self._query_drop_strays(model, scope))
        crossings = self.env.execute_query(
            self._query_write(model, scope, now, touch, news=touch and not silent)
        )
        self.invalidate_model()
        if silent or not crossings:
            return
        order = engine.BANDS.index
        self.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": person_id,
                    "kind": "band_up" if order(band) > order(before) else "band_down",
                    "occurred_at": now,
                    "dedup_key": f"band:{model.id}:{person_id}:{band}:{now.isoformat()}",
                    "source": "score",
                    "topic": band,
                    "qty": total,
                    "res_model": "nurture.score.model",
                    "res_id": model.id,
                }
                for person_id, before, band, total in crossings
            ]
        )

    def _query_write(self, model, scope, now, touch, news):
        # indexes nurture_score_person_model_uniq and those named in nurture.score.points
        history = self.env["nurture.score.history"]
        return SQL(
            """WITH judged AS MATERIALIZED (
                   SELECT verdict.*, %(noted)s AS noted FROM (%(verdicts)s) verdict),
               history AS (%(history)s),
               written AS (
                   INSERT INTO nurture_score (person_id, model_id, company_id, fit, engagement,
                                              total, band, grade, noted_total, computed_at)
                   SELECT person_id, %(model)s, company_id, fit, engagement, total, band, grade,
                          CASE WHEN noted THEN total ELSE COALESCE(noted_total, total) END, %(now)s
                     FROM judged
                    WHERE known IS NULL OR moved OR band <> before
                       OR grade IS DISTINCT FROM grade_before OR %(touch)s
              ON CONFLICT (person_id, model_id) DO UPDATE
                      SET company_id = EXCLUDED.company_id, fit = EXCLUDED.fit,
                          engagement = EXCLUDED.engagement, total = EXCLUDED.total,
                          band = EXCLUDED.band, grade = EXCLUDED.grade,
                          noted_total = EXCLUDED.noted_total, computed_at = EXCLUDED.computed_at)
               SELECT person_id, before, band, total FROM judged WHERE band <> before""",
            verdicts=self._query_verdicts(
                model, self.env["nurture.score.points"]._query_sums(model, scope), model
            ),
            noted=history._query_moved(news),
            history=history._query_note(model, now),
            model=model.id,
            now=now,
            touch=touch,
        )

    def _query_verdicts(self, model, sums, shown):
        """Rows: what `model` makes of the `sums` of persons, beside what `shown` says of them."""
        # index nurture_score_person_model_uniq
        return SQL(
            """SELECT s.person_id, s.company_id, s.fit, s.engagement, s.total,
                      %(band)s AS band, %(grade)s AS grade,
                      known.id AS known, COALESCE(known.band, 'cold') AS before,
                      known.grade AS grade_before, known.total AS total_before, known.noted_total,
                      (known.fit, known.engagement, known.total, known.company_id)
                      IS DISTINCT FROM (s.fit, s.engagement, s.total, s.company_id) AS moved
                 FROM (%(sums)s) s
            LEFT JOIN nurture_score known
                   ON known.person_id = s.person_id AND known.model_id = %(shown)s""",
            band=self._query_band(model),
            grade=self._query_grade(model),
            sums=sums,
            shown=shown.id or 0,
        )

    def _query_band(self, model):
        """engine.score.band in SQL."""
        return SQL(
            """CASE WHEN s.total >= %(hot)s
                      OR known.band = 'hot' AND s.total >= %(hot)s - %(hysteresis)s THEN 'hot'
                    WHEN s.total >= %(warm)s
                      OR known.band IN ('warm', 'hot') AND s.total >= %(warm)s - %(hysteresis)s
                    THEN 'warm' ELSE 'cold' END""",
            hot=model.hot_at,
            warm=model.warm_at,
            hysteresis=model.hysteresis,
        )

    def _query_grade(self, model):
        """engine.score.grade in SQL."""
        return SQL(
            "CASE WHEN s.fit >= %s THEN 'A' WHEN s.fit >= %s THEN 'B' WHEN s.fit >= %s THEN 'C' "
            "ELSE 'D' END",
            model.grade_a_at,
            model.grade_b_at,
            model.grade_c_at,
        )

    def _query_forget_model(self, model):
        # index nurture_score__model_id_index
        return SQL("DELETE FROM nurture_score WHERE model_id = ANY(%s) RETURNING 1", model.ids)

    def _query_drop_strays(self, model, scope):
        """Scores of persons whom this model no longer judges."""
        return SQL(
            """DELETE FROM nurture_score s
                WHERE s.model_id = %s AND %s
                  AND NOT EXISTS (SELECT 1 FROM nurture_person p
                                   WHERE p.id = s.person_id AND %s)
            RETURNING s.id""",
            model.id,
            scope.holds(SQL("s.person_id")),
            self.env["nurture.score.points"]._query_judged(model),
        )

import logging

from odoo import api, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.scope import Scope
from odoo.fields import Domain
from odoo.tools import SQL

from .nurture_backtest import WORKING

_logger = logging.getLogger(__name__)

CHUNK = 5_000
SAME_MOMENT_DAYS = 3  # a frozen probability is of the moment when it was taken this close to it


class NurtureBacktest(models.Model):
    """The run: choose the closed leads, score them chunk by chunk, count.

    A chunk holds one lead per person, because a score is of a person and each lead has its own
    moment; further leads of a person come in further rounds.
    """

    _inherit = "nurture.backtest"

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_run_backtests(self):
        cron = self.env["ir.cron"]
        waiting = [("state", "in", WORKING)]
        while test := self.search(waiting, order="id", limit=1):
            test._try_advance()
            if not cron._commit_progress(1, remaining=self.search_count(waiting)):
                return

    def _try_advance(self):
        """One step further, or failed with the reason on the record."""
        try:
            with self.env.cr.savepoint():
                self._advance()
        except CONFLICTS:
            raise  # not the fault of the test: the step is repeated
        except Exception as error:  # one bad test must not keep the others from running
            _logger.warning("backtest %s failed: %s", self.id, error)
            self._set_failed(str(error))

    def _advance(self):
        if self.state == "queued":
            self._start()
        elif self.state == "learning":
            self._finish()
        elif not self._score_chunk():
            self._judge()

    # ------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------

    def _start(self):
        """Choose the leads. What its author may not read is not in it."""
        self.env.flush_all()
        chosen = self._query_chosen()
        ((counts,),) = self.env.execute_query(self._query_counts(chosen))
        ((inserted,),) = self.env.execute_query(self._query_insert(chosen))
        self._set_running(inserted)
        self.figures = {"counts": counts}

    def _score_chunk(self):
        """Score the next leads as of their moments; how many there were."""
        rows = self.env.execute_query(self._query_next(CHUNK))
        if not rows:
            return 0
        self.env.flush_all()
        scope = Scope.at_moments({person_id: as_of for _id, person_id, as_of in rows})
        self.env.execute_query(self._query_score([row[0] for row in rows], scope))
        self.env["nurture.backtest.lead"].invalidate_model(flush=False)
        self.done_count += len(rows)
        return len(rows)

    def _judge(self):
        ((unjudged,),) = self.env.execute_query(self._query_drop_unjudged())
        figures = {**self.figures, **self._prepare_figures()}
        figures["counts"]["unjudged"] = unjudged
        self._set_learning(figures)

    def _finish(self):
        self._set_done({**self.figures, "learned": self._learn()})

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _query_chosen(self):
        """Rows of all leads that the filter and the author's rights leave, closed or not."""
        leads = self.env["crm.lead"].with_user(self.user_id).with_context(
            active_test=False, allowed_company_ids=self.company_id.ids, tz="UTC"
        )
        domain = self._parse_domain(self.domain)
        domain &= Domain("company_id", "in", [False, self.company_id.id])
        start, end = self._period()
        # A won lead that is archived later gets a new closing date, but not a new stage date.
        # index nurture_identity_record_uniq
        return SQL(
            """SELECT l.id, i.person_id, l.company_id, l.create_date, l.won_status,
                      l.lost_reason_id, closing.at AS closed_at,
                      closing.at >= %(start)s AND closing.at < %(end)s AS in_period
                 FROM crm_lead l
            LEFT JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = l.id
           CROSS JOIN LATERAL (
                      SELECT CASE WHEN l.won_status = 'won'
                                  THEN LEAST(l.date_closed, l.date_last_stage_update)
                                  WHEN l.won_status = 'lost' THEN l.date_closed END AS at) closing
                WHERE l.id IN %(ids)s""",
            start=start,
            end=end,
            ids=leads._search(domain).subselect(),
        )

    def _query_moment(self):
        """The frozen moment of a chosen lead `c`; none for who was never hot by the models in
        question. A draft has no scores: those of the model count that it would replace."""
        if self.moment == "age":
            return SQL("c.create_date + %s * INTERVAL '1 day'", self.days)
        # index nurture_score_snapshot_lead_model_kind_uniq
        return SQL(
            """(SELECT MIN(s.taken_at) FROM nurture_score_snapshot s
                 WHERE s.lead_id = c.id AND s.model_id = ANY(%s) AND s.kind = 'hot')""",
            (self.model_id | self.model_id.parent_id | self.other_model_id).ids,
        )

    def _query_derailed(self):
        return SQL(
            "c.won_status = 'lost' AND COALESCE(c.lost_reason_id = ANY(%s), FALSE)",
            self.lost_reason_ids.ids,
        )

    def _query_counts(self, chosen):
        """One JSON: how many leads are in the test, and how many are left out for what."""
        kept_since = self.env["nurture.event"]._kept_since()
        return SQL(
            """SELECT json_build_object(
                      'open', COUNT(*) FILTER (WHERE won_status = 'pending'),
                      'undated', COUNT(*) FILTER (WHERE won_status = 'lost' AND closed_at IS NULL),
                      'derailed', COUNT(*) FILTER (WHERE in_period AND derailed),
                      'unknown', COUNT(*) FILTER (WHERE in_period AND NOT derailed
                                                  AND person_id IS NULL),
                      'never', COUNT(*) FILTER (WHERE in_period AND NOT derailed
                                                AND person_id IS NOT NULL AND moment IS NULL),
                      'early', COUNT(*) FILTER (WHERE in_period AND NOT derailed
                                                AND person_id IS NOT NULL AND moment >= closed_at),
                      'faded', COUNT(*) FILTER (WHERE in_period AND NOT derailed
                                                AND person_id IS NOT NULL AND moment < %(kept)s))
                 FROM (SELECT c.*, %(derailed)s AS derailed, %(moment)s AS moment
                         FROM (%(chosen)s) c) c""",
            derailed=self._query_derailed(),
            moment=self._query_moment(),
            chosen=chosen,
            kept=kept_since or SQL("'-infinity'::timestamp"),
        )

    def _query_counted(self, statement):
        """How many rows `statement` (with RETURNING) touched: a number, not the rows."""
        return SQL("WITH touched AS (%s) SELECT COUNT(*) FROM touched", statement)

    def _query_insert(self, chosen):
        statement = SQL(
            """INSERT INTO nurture_backtest_lead
                      (backtest_id, lead_id, person_id, company_id, won, closed_at, early, as_of,
                       core_probability, round, scored)
               SELECT %(test)s, c.id, c.person_id, c.company_id, c.won_status = 'won', c.closed_at,
                      c.moment >= c.closed_at,
                      LEAST(c.moment, c.closed_at - INTERVAL '1 second'), frozen.probability,
                      row_number() OVER (PARTITION BY c.person_id ORDER BY c.id), FALSE
                 FROM (SELECT c.*, %(moment)s AS moment FROM (%(chosen)s) c
                        WHERE c.in_period AND NOT %(derailed)s) c
    LEFT JOIN LATERAL (SELECT s.core_probability AS probability
                         FROM nurture_score_snapshot s
                        WHERE s.lead_id = c.id AND s.kind = %(kind)s AND s.taken_at < c.closed_at
                          AND s.taken_at < c.moment + %(near)s * INTERVAL '1 day'
                          AND s.taken_at > c.moment - %(near)s * INTERVAL '1 day'
                     ORDER BY s.taken_at LIMIT 1) frozen ON TRUE
                WHERE c.person_id IS NOT NULL AND c.moment IS NOT NULL
             ORDER BY c.id
            RETURNING 1""",
            test=self.id,
            moment=self._query_moment(),
            chosen=chosen,
            derailed=SQL("(%s)", self._query_derailed()),
            kind=self.moment,
            near=SAME_MOMENT_DAYS,
        )
        return self._query_counted(statement)

    def _query_next(self, limit):
        # index nurture_backtest_lead_todo_idx
        return SQL(
            """SELECT id, person_id, as_of FROM nurture_backtest_lead
                WHERE backtest_id = %(test)s AND NOT scored
                  AND round = (SELECT MIN(round) FROM nurture_backtest_lead
                                WHERE backtest_id = %(test)s AND NOT scored)
             ORDER BY id LIMIT %(limit)s""",
            test=self.id,
            limit=limit,
        )

    def _query_score(self, row_ids, scope):
        """Both models by the statement of live scores. Whom a model does not judge has none."""
        points = self.env["nurture.score.points"]
        nobody = SQL("SELECT NULL::int AS person_id, NULL::int AS total")
        other = points._query_sums(self.other_model_id, scope) if self.other_model_id else nobody
        return SQL(
            """UPDATE nurture_backtest_lead b
                  SET scored = TRUE, score = said.total, other_score = other.total
                 FROM nurture_backtest_lead mine
            LEFT JOIN (%(said)s) said ON said.person_id = mine.person_id
            LEFT JOIN (%(other)s) other ON other.person_id = mine.person_id
                WHERE mine.id = ANY(%(ids)s) AND b.id = mine.id
            RETURNING b.id""",
            said=points._query_sums(self.model_id, scope),
            other=other,
            ids=row_ids,
        )

    def _query_forget(self):
        # index nurture_backtest_lead_score_idx
        statement = SQL(
            "DELETE FROM nurture_backtest_lead WHERE backtest_id = ANY(%s) RETURNING 1", self.ids
        )
        return self._query_counted(statement)

    def _query_drop_unjudged(self):
        """Leads whose person the tested model does not judge, or who left meanwhile."""
        statement = SQL(
            """DELETE FROM nurture_backtest_lead
                WHERE backtest_id = %s AND score IS NULL RETURNING 1""",
            self.id,
        )
        return self._query_counted(statement)

    def _query_swap_models(self, one, other):
        """What was said of either model is said of the other one."""
        # index nurture_backtest__model_id_index
        return SQL(
            """UPDATE nurture_backtest t
                  SET model_id = COALESCE(tested.new, t.model_id),
                      other_model_id = COALESCE(compared.new, t.other_model_id)
                 FROM nurture_backtest b
            LEFT JOIN (VALUES (%(one)s, %(other)s), (%(other)s, %(one)s)) tested(old, new)
                   ON tested.old = b.model_id
            LEFT JOIN (VALUES (%(one)s, %(other)s), (%(other)s, %(one)s)) compared(old, new)
                   ON compared.old = b.other_model_id
                WHERE b.id = t.id AND (tested.new IS NOT NULL OR compared.new IS NOT NULL)
            RETURNING t.id""",
            one=one.id,
            other=other.id,
        )

    def _query_pairs(self, judge):
        """Rows (score, what `judge` said, won, lost): as many as there are different pairs, however
        many leads there are."""
        # index nurture_backtest_lead_score_idx
        return SQL(
            """SELECT score, %(judge)s, COUNT(*) FILTER (WHERE won),
                      COUNT(*) FILTER (WHERE NOT won)
                 FROM nurture_backtest_lead WHERE backtest_id = %(test)s
             GROUP BY score, %(judge)s ORDER BY score, %(judge)s""",
            judge=SQL.identifier(judge),
            test=self.id,
        )

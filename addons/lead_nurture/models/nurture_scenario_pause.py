import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 5_000
CONFLICT_TRIES = 5
LATE_DAYS = 3


class NurtureScenarioPause(models.Model):
    """One pause of a scenario: since when and why, and what became of the things that were due
    meanwhile when it was resumed.

    Skipping and a maximum lateness need no change of anybody's row: a message that was due between
    `skip_from` and `skip_until` is passed by who comes to it late. Shifting moves every date by
    the length of the pause, in batches behind `last_enrolment_id`, so that nobody is shifted twice.
    Who did in the pause what a step waited for goes on at its end.
    """

    _name = "nurture.scenario.pause"
    _description = "Pause of a scenario"
    _order = "id desc"

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scenario_id.company_id", store=True)
    state = fields.Selection(
        [("open", "Paused"), ("shifting", "Dates are shifted"), ("done", "Resumed")],
        "Status",
        required=True,
        readonly=True,
        default="open",
    )
    reason = fields.Char(readonly=True)
    started_at = fields.Datetime("Paused", required=True, readonly=True)
    ended_at = fields.Datetime("Resumed", readonly=True)
    ended_uid = fields.Many2one("res.users", "Resumed by", readonly=True)
    policy = fields.Selection(
        selection="_selection_policy", string="What was due meanwhile", readonly=True
    )
    skip_from = fields.Datetime(readonly=True)
    skip_until = fields.Datetime(readonly=True)
    total = fields.Integer("People to shift", readonly=True)
    done_count = fields.Integer("Shifted", readonly=True)
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    last_enrolment_id = fields.Integer(readonly=True)

    _shifting_idx = models.Index("(id) WHERE state = 'shifting'")

    @api.model
    def _selection_policy(self):
        _ = self.env._
        return [
            ("shift", _("Shift all dates by the length of the pause")),
            ("skip", _("Skip the messages that were missed")),
            ("late", _("Send now what is not too late")),
        ]

    @api.depends("total", "done_count")
    def _compute_progress(self):
        for pause in self:
            pause.progress = 100.0 * pause.done_count / pause.total if pause.total else 100.0

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_resumed(self, policy, late_days, now):
        """Messages due in the pause are skipped; with `late`, only those older than the limit."""
        for pause in self:
            newest = now - timedelta(days=late_days) if policy == "late" else now
            pause.write(
                {
                    "state": "done",
                    "policy": policy,
                    "ended_at": now,
                    "ended_uid": self.env.uid,
                    "skip_from": pause.started_at,
                    "skip_until": max(newest, pause.started_at),
                }
            )

    def _set_shifting(self, now):
        self.ensure_one()
        self.write(
            {
                "state": "shifting",
                "policy": "shift",
                "ended_at": now,
                "ended_uid": self.env.uid,
                "total": self.env.execute_query(self._query_count_to_shift())[0][0],
            }
        )

    def _set_shifted(self):
        """All dates are right: people go on, unless the scenario was closed meanwhile."""
        self.write({"state": "done"})
        if self.scenario_id.state == "paused":
            self.scenario_id._set_running()

    # ------------------------------------------------------------
    # SHIFTING
    # ------------------------------------------------------------

    @api.model
    def _cron_shift_dates(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()
        for pause in self.search([("state", "=", "shifting")]):
            while left and pause.state == "shifting":
                done = pause._shift_batch_safely()
                left = cron._commit_progress(done, remaining=int(pause.state == "shifting"))

    def _shift_batch_safely(self):
        for _attempt in range(CONFLICT_TRIES):
            try:
                return self._shift_batch()
            except CONFLICTS as error:
                self.env.cr.rollback()
                _logger.info("Shifting of dates starts over: %s", error.__class__.__name__)
        return 0

    def _shift_batch(self, limit=BATCH):
        """Shift the next people, and say so in the same transaction; → how many."""
        self.ensure_one()
        self.flush_recordset()
        rows = self.env.execute_query(self._query_shift(limit))
        self.env["nurture.enrolment"].invalidate_model(["run_at"], flush=False)
        if rows:
            self.write(
                {
                    "last_enrolment_id": max(row[0] for row in rows),
                    "done_count": self.done_count + len(rows),
                }
            )
        if len(rows) < limit:
            self._set_shifted()
        return len(rows)

    def _query_shift(self, limit):
        # primary key, or index nurture_enrolment_open_uniq; an array, because a plan may run a set
        # of ids again for each row, and the limit with it
        return SQL(
            """UPDATE nurture_enrolment e
                  SET run_at = CASE WHEN e.release_label IS NULL
                                    THEN e.run_at + (p.ended_at - p.started_at)
                                    ELSE p.ended_at END
                 FROM nurture_scenario_pause p
                WHERE p.id = %(pause)s AND e.id = ANY(ARRAY(
                      SELECT w.id FROM nurture_enrolment w
                       WHERE w.scenario_id = %(scenario)s AND w.state IN ('active', 'waiting')
                         AND w.run_at >= %(since)s AND w.id > %(last)s
                    ORDER BY w.id LIMIT %(limit)s FOR NO KEY UPDATE))
            RETURNING e.id""",
            pause=self.id,
            scenario=self.scenario_id.id,
            since=self.started_at,
            last=self.last_enrolment_id or 0,
            limit=limit,
        )

    def _query_count_to_shift(self):
        # index nurture_enrolment_open_uniq
        return SQL(
            """SELECT COUNT(*) FROM nurture_enrolment
                WHERE scenario_id = %s AND state IN ('active', 'waiting') AND run_at >= %s""",
            self.scenario_id.id,
            self.started_at,
        )

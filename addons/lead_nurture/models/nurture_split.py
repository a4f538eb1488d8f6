import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import split as engine
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class NurtureSplit(models.Model):
    """What the paths of one split have brought, and which of them has won.

    One row per step of a scenario, over all its versions; made when the step is first judged. Only
    people who had the full time to answer count, on every path the same. Written by the engine.
    """

    _name = "nurture.split"
    _description = "Result of a split"
    _rec_name = "node_uid"

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scenario_id.company_id", store=True)
    node_uid = fields.Char("Step key", required=True, readonly=True)
    state = fields.Selection(
        [("measuring", "Measuring"), ("decided", "Decided"), ("stopped", "Winner undone")],
        "Status", required=True, readonly=True, default="measuring",
    )  # fmt: skip
    since = fields.Datetime("Measured since", required=True, readonly=True)
    looks = fields.Integer("Looks so far", readonly=True)
    winner_label = fields.Char("Winner", readonly=True)
    decided_at = fields.Datetime("Decided", readonly=True)
    p_value = fields.Float("Chance of equal paths", digits=(16, 6), readonly=True)
    why = fields.Char(readonly=True)
    numbers = fields.Json(readonly=True, help="People and successes per path at the last look.")

    _step_uniq = models.UniqueIndex("(scenario_id, node_uid)", "This split is measured already.")

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_judge_splits(self):
        """Look at the splits whose next look is due. Few rows: a split is a step somebody drew."""
        cron = self.env["ir.cron"]
        nodes = self.env["nurture.node"].search(
            [
                ("kind", "=", "split"),
                ("split_measure", "!=", False),
                ("version_id.state", "=", "published"),
                ("scenario_id.state", "in", ("running", "paused")),
            ]
        )
        left = cron._commit_progress(remaining=len(nodes))
        for node in nodes:
            if not left:
                break
            self._judge_safely(node, fields.Datetime.now())
            left = cron._commit_progress(1)

    @api.model
    def _judge_safely(self, node, now):
        """A split that cannot be judged is looked at again the next time, and stops no other."""
        try:
            with self.env.cr.savepoint():
                self._judge(node, now)
                self.env.flush_all()
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.exception("Nurture split %s could not be judged", node.id)

    @api.model
    def _judge(self, node, now):
        """One look at one split, if it is time for it; → its row"""
        row = self._of(node) or self.create(
            {
                "scenario_id": node.scenario_id.id,
                "node_uid": node.uid,
                "since": node.version_id.published_at or now,
            }
        )
        if row.state != "measuring":
            return row
        arms = node._split_arms(row.since, now)
        age = (now - row.since) / timedelta(days=1) - node.split_observe_days
        if engine.is_due(arms, node.split_people, node.split_days, row.looks, age):
            verdict = engine.verdict(arms, node.split_confidence / 100, row.looks)
            row._set_looked(arms, verdict, now)
        return row

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    def _set_looked(self, arms, verdict, now):
        """Keep what was seen. A look at too few people was none: it uses up no chance."""
        counted = verdict.why not in ("few_people", "few_wins")
        self.write(
            {
                "numbers": {arm.label: [arm.people, arm.wins] for arm in arms},
                "p_value": verdict.p_value,
                "why": verdict.why,
                "looks": self.looks + int(counted),
                **(
                    {"state": "decided", "winner_label": verdict.winner, "decided_at": now}
                    if verdict.winner
                    else {}
                ),
            }
        )

    def _set_stopped(self):
        """By hand: everybody goes by percentage again, and nothing is decided any more."""
        self.write({"state": "stopped", "winner_label": False, "decided_at": False})

    def _set_measuring(self, now):
        self.write(
            {
                "state": "measuring", "since": now, "looks": 0, "winner_label": False,
                "decided_at": False, "why": False, "numbers": False, "p_value": 0,
            }
        )  # fmt: skip

    # ------------------------------------------------------------
    # ASKED BY THE STEP
    # ------------------------------------------------------------

    @api.model
    def _of(self, node):
        return self.search(
            [("scenario_id", "=", node.scenario_id.id), ("node_uid", "=", node.uid)]
        )

    @api.model
    def _query_arms(self, node, win, since, until):
        """Rows (label, people, wins) of those who passed the split between the two moments."""
        # index nurture_step_log_node_idx
        return SQL(
            """SELECT l.label, COUNT(*), COUNT(*) FILTER (WHERE %(win)s)
                 FROM nurture_step_log l
                WHERE l.scenario_id = %(scenario)s AND l.node_uid = %(uid)s
                  AND l.label = ANY(%(labels)s) AND l.left_at BETWEEN %(since)s AND %(until)s
             GROUP BY l.label""",
            win=win,
            scenario=node.scenario_id.id,
            uid=node.uid,
            labels=list(node._case_labels()),
            since=since,
            until=until,
        )

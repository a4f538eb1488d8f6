from odoo import api, fields, models
from odoo.tools import SQL

from .nurture_enrolment import OPEN_STATES

FOLD = 20_000
# leavings that are no way on: the journey ended there, or went on in another version
NO_WAY_ON = ("end", "moved")


class NurtureNodeStat(models.Model):
    """How often one thing happened at one step of one version.

    `metric` is `in` (arrivals), `exit:<label>` (left by this exit), `end:<reason>` (journeys that
    ended here), `mail` (messages), `open` and `click` (messages that a human opened or clicked
    in). Written by the folding cron alone; what came since is in nurture.node.delta, and every
    reader adds the two.
    """

    _name = "nurture.node.stat"
    _description = "Numbers of a step"
    _log_access = False

    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "nurture.scenario.version", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    uid = fields.Char("Step key", required=True, readonly=True)
    metric = fields.Char(required=True, readonly=True)
    value = fields.Integer(required=True, readonly=True)

    _metric_uniq = models.UniqueIndex(
        "(scenario_id, version_id, uid, metric)", "This number is kept already."
    )

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    @api.model
    def _numbers(self, scenario, version=None):
        """{uid: numbers} of the steps of `scenario`: over all versions, or of `version` alone.

        numbers: `in` arrivals; `waiting` people who stand here now, `error` those of them whose
        step failed; `passed` who went on, or finished here; `exits` {label: who left by it};
        `ends` {reason: journeys that ended here}, `goal` and `left` (other ends before the last
        step) out of them; `mail`, `open`, `click`. Steps that nobody ever saw are missing.
        """
        scenario.check_access("read")
        numbers = {}
        for uid, metric, value in self.env.execute_query(self._query_sums(scenario, version)):
            self._put(numbers.setdefault(uid, self._prepare_numbers()), metric, int(value))
        self.env["nurture.enrolment"].flush_model(["node_id", "state", "attempts"])
        for uid, standing in self.env.execute_query(self._query_standing(scenario, version)):
            numbers.setdefault(uid, self._prepare_numbers())["waiting"] = standing
        for uid, failing in self.env.execute_query(self._query_failing(scenario, version)):
            numbers.setdefault(uid, self._prepare_numbers())["error"] = failing
        for row in numbers.values():
            row["passed"] = row["ends"].get("finished", 0) + sum(
                value for label, value in row["exits"].items() if label not in NO_WAY_ON
            )
            row["goal"] = row["ends"].get("goal", 0)
            row["left"] = sum(row["ends"].values()) - row["goal"] - row["ends"].get("finished", 0)
        return numbers

    @api.model
    def _prepare_numbers(self):
        names = ("in", "waiting", "error", "passed", "goal", "left", "mail", "open", "click")
        return {**dict.fromkeys(names, 0), "exits": {}, "ends": {}}

    @api.model
    def _put(self, numbers, metric, value):
        group, _colon, key = metric.partition(":")
        if key:
            numbers[f"{group}s"][key] = value
        else:
            numbers[metric] = value

    @api.model
    def _query_sums(self, scenario, version):
        # indexes nurture_node_stat_metric_uniq, nurture_node_delta_scenario_idx
        return SQL(
            """SELECT uid, metric, SUM(value) FROM (
                      SELECT uid, metric, value, version_id FROM nurture_node_stat
                       WHERE scenario_id = %(scenario)s
                   UNION ALL
                      SELECT uid, metric, value, version_id FROM nurture_node_delta
                       WHERE scenario_id = %(scenario)s) n
                WHERE %(version)s
             GROUP BY uid, metric HAVING SUM(value) <> 0""",
            scenario=scenario.id,
            version=SQL("version_id = %s", version.id) if version else SQL("TRUE"),
        )

    @api.model
    def _query_standing(self, scenario, version):
        # index nurture_enrolment_node_idx
        return SQL(
            """SELECT n.uid, COUNT(*)
                 FROM nurture_node n
                 JOIN nurture_enrolment e ON e.node_id = n.id AND e.state IN %s
                WHERE n.scenario_id = %s AND %s
             GROUP BY n.uid""",
            OPEN_STATES,
            scenario.id,
            SQL("n.version_id = %s", version.id) if version else SQL("TRUE"),
        )

    @api.model
    def _query_failing(self, scenario, version):
        # index nurture_enrolment_trouble_idx
        return SQL(
            """SELECT n.uid, COUNT(*)
                 FROM nurture_enrolment e JOIN nurture_node n ON n.id = e.node_id
                WHERE e.scenario_id = %s AND e.state IN ('active', 'waiting', 'parked')
                  AND e.attempts > 0 AND %s
             GROUP BY n.uid""",
            scenario.id,
            SQL("n.version_id = %s", version.id) if version else SQL("TRUE"),
        )

    # ------------------------------------------------------------
    # FOLDING
    # ------------------------------------------------------------

    @api.model
    def _cron_fold_numbers(self):
        cron = self.env["ir.cron"]
        left = cron._commit_progress()
        while left:
            taken = self._fold_batch()
            left = cron._commit_progress(taken, remaining=int(taken == FOLD))
            if taken < FOLD:
                break

    @api.model
    def _fold_batch(self, limit=FOLD):
        """Add what came lately to the sums, in one statement; → how much news there was."""
        taken = self.env.execute_query(self._query_fold(limit))[0][0]
        self.invalidate_model(flush=False)
        return taken

    @api.model
    def _query_fold(self, limit):
        # indexes of the primary key of nurture_node_delta, nurture_node_stat_metric_uniq
        return SQL(
            """WITH taken AS (
                   DELETE FROM nurture_node_delta WHERE id = ANY(ARRAY(
                       SELECT id FROM nurture_node_delta ORDER BY id LIMIT %s
                          FOR UPDATE SKIP LOCKED))
                   RETURNING scenario_id, version_id, uid, metric, value),
                    folded AS (%s)
               SELECT COUNT(*) FROM taken""",
            limit,
            self._query_keep(SQL("taken")),
        )

    @api.model
    def _query_keep(self, source):
        """Add the sums of `source` to the rows kept; what was deleted meanwhile is let go."""
        return SQL(
            """INSERT INTO nurture_node_stat
                      (scenario_id, version_id, company_id, uid, metric, value)
               SELECT v.scenario_id, v.id, s.company_id, n.uid, n.metric, SUM(n.value)
                 FROM %s n
                 JOIN nurture_scenario_version v ON v.id = n.version_id
                 JOIN nurture_scenario s ON s.id = v.scenario_id
             GROUP BY v.scenario_id, v.id, s.company_id, n.uid, n.metric
          ON CONFLICT (scenario_id, version_id, uid, metric)
            DO UPDATE SET value = nurture_node_stat.value + EXCLUDED.value""",
            source,
        )

    # ------------------------------------------------------------
    # REPAIR
    # ------------------------------------------------------------

    @api.model
    def _recount(self, scenario):
        """Count everything of `scenario` again from the logs. What is written meanwhile stays as
        news: one snapshot sees a step and its news together, or neither."""
        self.env.flush_all()
        for query in self._query_recount_steps(scenario):
            self.env.cr.execute(query)
        self.invalidate_model(flush=False)

    @api.model
    def _query_recount_steps(self, scenario):
        return [
            SQL("DELETE FROM nurture_node_stat WHERE scenario_id = %s", scenario.id),
            SQL("DELETE FROM nurture_node_delta WHERE scenario_id = %s", scenario.id),
            self._query_keep(SQL("(%s)", self._query_count_again(scenario))),
        ]

    @api.model
    def _query_count_again(self, scenario):
        """What the sums must be: (version_id, uid, metric, value) straight from the logs."""
        return SQL(
            """SELECT n.version_id, n.uid, x.metric, COUNT(*) AS value
                 FROM (SELECT node_id, 'in' AS metric FROM nurture_step_log
                        WHERE scenario_id = %(scenario)s
                   UNION ALL
                       SELECT node_id, 'exit:' || label FROM nurture_step_log
                        WHERE scenario_id = %(scenario)s AND label IS NOT NULL
                   UNION ALL
                       SELECT node_id, 'end:' || exit_reason FROM nurture_enrolment
                        WHERE scenario_id = %(scenario)s AND state IN ('done', 'exited')
                   UNION ALL
                       SELECT node_id, 'mail' FROM nurture_send WHERE scenario_id = %(scenario)s
                   UNION ALL
                       SELECT s.node_id, seen.kind
                         FROM nurture_send s JOIN nurture_send_seen seen ON seen.send_id = s.id
                        WHERE s.scenario_id = %(scenario)s) x
                 JOIN nurture_node n ON n.id = x.node_id
             GROUP BY n.version_id, n.uid, x.metric""",
            scenario=scenario.id,
        )

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from .nurture_scenario_forecast import MEMORY


class NurtureScenario(models.Model):
    """What a forecast reads: sums over the steps taken and the people inside, never row by row."""

    _inherit = "nurture.scenario"

    def _forecast_history(self, nodes, now):
        """{step: {exit: {days stood: people}}} of those who had the time to leave."""
        history = {}
        for uid, label, days, count in self.env.execute_query(
            self._query_forecast_history(nodes, now)
        ):
            history.setdefault(uid, {}).setdefault(label, {})[days] = count
        return history

    def _query_forecast_history(self, nodes, now):
        """Who came so lately that his time is not up would count only if he was quick: he waits
        to be counted until he had as long as everybody."""
        # index nurture_step_log_node_idx
        return SQL(
            """SELECT l.node_uid, l.label, GREATEST(l.left_at::date - l.arrived_at::date, 0),
                      COUNT(*)
                 FROM nurture_step_log l
                 JOIN unnest(%(uids)s::varchar[], %(before)s::timestamp[]) AS ripe(uid, before)
                   ON ripe.uid = l.node_uid AND l.arrived_at < ripe.before
                WHERE l.scenario_id = %(scenario)s AND l.label IS NOT NULL AND l.label <> 'moved'
                  AND l.left_at IS NOT NULL AND l.arrived_at >= %(since)s
             GROUP BY 1, 2, 3""",
            uids=nodes.mapped("uid"),
            before=[now - node._longest_stay(now) for node in nodes],
            scenario=self.id,
            since=now - timedelta(days=MEMORY),
        )

    def _query_forecast_standing(self, now):
        # indexes nurture_enrolment_open_uniq and nurture_step_log_visit_uniq
        return SQL(
            """SELECT n.uid, e.state, e.release_label,
                      %(today)s::date - l.arrived_at::date AS stood,
                      GREATEST(e.run_at::date - %(today)s::date, 0) AS due, COUNT(*)
                 FROM nurture_enrolment e
            LEFT JOIN nurture_node n ON n.id = e.node_id
            LEFT JOIN nurture_step_log l
                   ON l.enrolment_id = e.id AND l.node_uid = n.uid AND l.visit = e.visit
                WHERE e.scenario_id = %(scenario)s
                  AND e.state IN ('active', 'waiting', 'parked')
             GROUP BY 1, 2, 3, 4, 5""",
            today=now,
            scenario=self.id,
        )

    def _query_forecast_inflow(self, since):
        # index nurture_enrolment_history_idx
        return SQL(
            """SELECT EXTRACT(ISODOW FROM enrolled_at)::int, COUNT(*), MIN(enrolled_at)
                 FROM nurture_enrolment
                WHERE scenario_id = %s AND enrolled_at >= %s
             GROUP BY 1""",
            self.id,
            since,
        )

    def _query_forecast_people(self, since):
        # index nurture_enrolment_history_idx
        return SQL(
            """SELECT COUNT(*), MIN(enrolled_at) FROM nurture_enrolment
                WHERE scenario_id = %s AND enrolled_at >= %s""",
            self.id,
            since,
        )

from odoo import api, models
from odoo.tools import SQL


class NurtureStepLog(models.Model):
    """Arrivals and leavings are counted by the statements that write them."""

    _inherit = "nurture.step.log"

    @api.model
    def _query_arrive(self, enrolments, now):
        counts = SQL(
            """SELECT n.scenario_id, n.version_id, n.uid, 'in', COUNT(*)
                 FROM done JOIN nurture_enrolment e ON e.id = done.enrolment_id
                 JOIN nurture_node n ON n.id = e.node_id
             GROUP BY n.id"""
        )
        delta = self.env["nurture.node.delta"]
        return delta._query_counted(super()._query_arrive(enrolments, now), counts)

    @api.model
    def _query_leave(self, enrolments, label, result, now):
        leave = SQL(
            "%s RETURNING l.node_id, l.label", super()._query_leave(enrolments, label, result, now)
        )
        counts = SQL(
            """SELECT n.scenario_id, n.version_id, n.uid, 'exit:' || done.label, COUNT(*)
                 FROM done JOIN nurture_node n ON n.id = done.node_id
                WHERE done.label IS NOT NULL
             GROUP BY n.id, done.label"""
        )
        return self.env["nurture.node.delta"]._query_counted(leave, counts)

    @api.model
    def _query_follow(self, enrolments, twin):
        """The open rows of people who now stand at the same step of another version are counted
        there."""
        # index nurture_step_log_visit_uniq
        follow = SQL(
            """UPDATE nurture_step_log l SET node_id = %s
                 FROM nurture_enrolment e
                 JOIN nurture_node n ON n.id = e.node_id
                WHERE e.id = ANY(%s) AND l.label IS NULL AND n.uid = %s
                  AND l.enrolment_id = e.id AND l.node_uid = n.uid AND l.visit = e.visit
            RETURNING n.id AS old_id, l.node_id AS new_id""",
            twin.id,
            enrolments.ids,
            twin.uid,
        )
        counts = SQL(
            """SELECT n.scenario_id, n.version_id, n.uid, 'in', x.sign * COUNT(*)
                 FROM done
                 JOIN LATERAL (VALUES (done.old_id, -1), (done.new_id, 1)) x(id, sign) ON TRUE
                 JOIN nurture_node n ON n.id = x.id
             GROUP BY n.id, x.sign"""
        )
        return self.env["nurture.node.delta"]._query_counted(follow, counts)

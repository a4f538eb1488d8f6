from odoo import models
from odoo.tools import SQL


class NurtureEnrolment(models.Model):
    """The end of a journey is counted at the step where it ended, and written into the log of that
    step, whoever ended it."""

    _inherit = "nurture.enrolment"

    # the few people whose step failed
    _trouble_idx = models.Index(
        "(scenario_id, node_id) WHERE state IN ('active', 'waiting', 'parked') AND attempts > 0"
    )

    def _set_ended(self, state, reason, now):
        self.flush_recordset()
        log = self.env["nurture.step.log"]
        self.env.cr.execute(log._query_leave(self, "end", reason, now))
        delta = self.env["nurture.node.delta"]
        self.env.cr.execute(delta._query_add(self._query_count_ends(reason)))
        return super()._set_ended(state, reason, now)

    def _query_count_ends(self, reason):
        return SQL(
            """SELECT n.scenario_id, n.version_id, n.uid, %s, COUNT(*)
                 FROM nurture_enrolment e JOIN nurture_node n ON n.id = e.node_id
                WHERE e.id = ANY(%s) AND e.state IN ('active', 'waiting', 'parked')
             GROUP BY n.id""",
            f"end:{reason}",
            self.ids,
        )

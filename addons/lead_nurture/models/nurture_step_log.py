from odoo import api, fields, models
from odoo.tools import SQL


class NurtureStepLog(models.Model):
    """One arrival of one person at one step, and how he left it.

    The unique key is what makes a step happen once: the row is written in the transaction of
    the step itself, before the step acts.
    """

    _name = "nurture.step.log"
    _description = "Nurture step log"
    _order = "id desc"
    _log_access = False

    enrolment_id = fields.Many2one(
        "nurture.enrolment", required=True, readonly=True, ondelete="cascade"
    )
    scenario_id = fields.Many2one(
        "nurture.scenario", readonly=True, required=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, required=True)
    person_id = fields.Many2one("nurture.person", readonly=True, index=True)
    node_id = fields.Many2one("nurture.node", "Step", readonly=True, ondelete="set null")
    node_uid = fields.Char("Step key", required=True, readonly=True)
    visit = fields.Integer(
        required=True, readonly=True, help="Counts the steps of one person's journey."
    )
    arrived_at = fields.Datetime("Arrived", required=True, readonly=True)
    left_at = fields.Datetime("Left", readonly=True)
    label = fields.Char("Exit", readonly=True, help="Key of the exit by which the step was left.")
    exit_text = fields.Char("Left by", compute="_compute_exit_text")
    result = fields.Char(readonly=True)

    # the guard against doing a step twice
    _visit_uniq = models.UniqueIndex(
        "(enrolment_id, node_uid, visit)", "This step has been executed already."
    )
    # counts per step on the picture
    _node_idx = models.Index("(scenario_id, node_uid) WHERE label IS NOT NULL")

    @api.depends("label", "node_id")
    def _compute_exit_text(self):
        for log in self:
            log.exit_text = log.node_id._exit_name(log.label)

    @api.model
    def _arrive(self, enrolments, now):
        """Write the arrival of each; returns those whose step had not been executed before."""
        rows = self.env.execute_query(self._query_arrive(enrolments, now))
        fresh = {row[0] for row in rows}
        return enrolments.filtered(lambda enrolment: enrolment.id in fresh)

    @api.model
    def _query_arrive(self, enrolments, now):
        # index nurture_step_log_visit_uniq
        return SQL(
            """INSERT INTO nurture_step_log (enrolment_id, scenario_id, company_id, person_id,
                                             node_id, node_uid, visit, arrived_at)
               SELECT e.id, e.scenario_id, e.company_id, e.person_id,
                      e.node_id, n.uid, e.visit, %(now)s
                 FROM nurture_enrolment e JOIN nurture_node n ON n.id = e.node_id
                WHERE e.id = ANY(%(ids)s)
          ON CONFLICT DO NOTHING
            RETURNING enrolment_id""",
            ids=enrolments.ids,
            now=now,
        )

    @api.model
    def _query_leave(self, enrolments, label, result, now):
        """What is left once stays as it was written then."""
        # index nurture_step_log_visit_uniq. Just written rows are not in the statistics yet: a
        # plain `label IS NULL` looks like one row to the planner, and it would start from there
        return SQL(
            """WITH who AS MATERIALIZED (
                   SELECT e.id, e.visit, n.uid
                     FROM nurture_enrolment e JOIN nurture_node n ON n.id = e.node_id
                    WHERE e.id = ANY(%(ids)s))
               UPDATE nurture_step_log l
                  SET label = %(label)s, result = %(result)s,
                      left_at = CASE WHEN %(label)s::varchar IS NULL THEN NULL ELSE %(now)s END
                 FROM who
                WHERE l.enrolment_id = who.id AND l.node_uid = who.uid AND l.visit = who.visit
                  AND COALESCE(l.label, '') = ''""",
            ids=enrolments.ids,
            label=label,
            result=result or None,
            now=now,
        )

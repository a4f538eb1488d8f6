from odoo import api, fields, models
from odoo.tools import SQL


class NurtureStepSkip(models.Model):
    """One step that one person had before the version under him changed, and must not get again.
    Used up when he comes by."""

    _name = "nurture.step.skip"
    _description = "Step not to be repeated"
    _log_access = False

    enrolment_id = fields.Many2one("nurture.enrolment", required=True, ondelete="cascade")
    uid = fields.Char("Step key", required=True)
    label = fields.Char("Exit taken then")

    _step_uniq = models.UniqueIndex("(enrolment_id, uid)", "This is remembered already.")

    @api.model
    def _remember(self, enrolments, uids):
        """Of these steps, those that the people have done; where they just stand they have not."""
        if uids:
            self.env.cr.execute(self._query_remember(enrolments, uids))

    @api.model
    def _take(self, enrolments, node):
        """{enrolment id: exit taken then} of those who had the step; each is asked once."""
        return dict(self.env.execute_query(self._query_take(enrolments, node)))

    @api.model
    def _query_remember(self, enrolments, uids):
        # indexes nurture_step_log_visit_uniq, nurture_step_skip_step_uniq
        return SQL(
            """INSERT INTO nurture_step_skip (enrolment_id, uid, label)
               SELECT DISTINCT ON (l.enrolment_id, l.node_uid)
                      l.enrolment_id, l.node_uid, l.label
                 FROM nurture_step_log l
                WHERE l.enrolment_id = ANY(%s) AND l.node_uid = ANY(%s)
                  AND l.label <> 'moved'
             ORDER BY l.enrolment_id, l.node_uid, l.visit DESC
          ON CONFLICT DO NOTHING""",
            enrolments.ids,
            uids,
        )

    @api.model
    def _query_take(self, enrolments, node):
        # index nurture_step_skip_step_uniq
        return SQL(
            """DELETE FROM nurture_step_skip WHERE enrolment_id = ANY(%s) AND uid = %s
               RETURNING enrolment_id, label""",
            enrolments.ids,
            node.uid,
        )

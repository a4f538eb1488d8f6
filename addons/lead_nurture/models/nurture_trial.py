from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import breaker
from odoo.tools import SQL


class NurtureTrial(models.Model):
    """One batch of people who were tried at one step: how many, and how many of them failed.

    Only inserted, so that lanes never wait for each other to count; summed up over the last hour
    by the fuse of the step, then deleted.
    """

    _name = "nurture.trial"
    _description = "Tries of a step"
    _log_access = False

    node_id = fields.Many2one("nurture.node", required=True, ondelete="cascade")
    tried_at = fields.Datetime(required=True)
    tried = fields.Integer(required=True)
    failed = fields.Integer(required=True)

    # the last hour of one step
    _node_idx = models.Index("(node_id, tried_at)")

    @api.autovacuum
    def _gc_trials(self):
        old = self.search(
            [("tried_at", "<", fields.Datetime.now() - 2 * breaker.WINDOW)], limit=10_000
        )
        old.unlink()
        return len(old), len(old)

    @api.model
    def _note(self, node, tried, failed, now):
        self.env.execute_query(self._query_note(node, tried, failed, now))

    @api.model
    def _query_note(self, node, tried, failed, now):
        return SQL(
            """INSERT INTO nurture_trial (node_id, tried_at, tried, failed)
               VALUES (%s, %s, %s, %s) RETURNING id""",
            node.id,
            now,
            tried,
            failed,
        )

    @api.model
    def _sum(self, node, since):
        """→ (tried, failed) at this step since then"""
        [(tried, failed)] = self.env.execute_query(self._query_sum(node, since))
        return tried, failed

    @api.model
    def _query_sum(self, node, since):
        # index nurture_trial_node_idx
        return SQL(
            """SELECT COALESCE(SUM(tried), 0)::int, COALESCE(SUM(failed), 0)::int
                 FROM nurture_trial WHERE node_id = %s AND tried_at >= %s""",
            node.id,
            since,
        )

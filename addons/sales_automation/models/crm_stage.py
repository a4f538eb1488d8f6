from odoo import api, fields, models
from odoo.tools import SQL

FOLLOW_BATCH = 1000


class CrmStage(models.Model):
    """Stages: declaring one won (or no longer won) changes the outcome of the deals in it."""

    _inherit = "crm.stage"

    def write(self, vals):
        result = super().write(vals)
        if "is_won" in vals:
            self._follow_outcomes()
        return result

    def _follow_outcomes(self):
        """Record the outcomes that changed with the stage, a bounded number of deals at a time."""
        lead_model = self.env["crm.lead"].sudo()  # all deals in the stage, whoever holds them
        history = self.env["sales.stage.history"].sudo()  # nobody may write the history
        now, last_id = fields.Datetime.now(), 0
        self.env.flush_all()
        while ids := self._query_unfollowed(last_id):
            leads, last_id = lead_model.browse(ids), ids[-1]
            leads._follow_outcome(now)
            if deals := leads.filtered(lambda lead: lead.type == "opportunity"):
                history._follow(deals, deals, now)
            leads.invalidate_recordset()

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_outcome(self):
        """crm.lead `_get_outcome()` in SQL, of a lead l with its lost reason r."""
        return SQL(
            """
            CASE WHEN l.won_status = 'won' THEN 'won'
                 WHEN l.won_status <> 'lost' OR l.won_status IS NULL THEN 'open'
                 WHEN r.is_recycle THEN 'recycled'
                 ELSE 'lost' END
            """)

    def _query_unfollowed(self, after_id):
        """Ids of the next leads in these stages whose recorded outcome is not core's verdict.

        Reaches them by core's index on crm_lead.stage_id.
        """
        rows = self.env.execute_query(SQL(
            """
            SELECT l.id
              FROM crm_lead l
              LEFT JOIN crm_lost_reason r ON r.id = l.lost_reason_id
             WHERE l.stage_id = ANY(%(stages)s) AND l.id > %(after)s
               AND COALESCE(l.sales_outcome, 'open') <> %(outcome)s
             ORDER BY l.id
             LIMIT %(limit)s
            """,
            stages=self.ids, after=after_id, outcome=self._query_outcome(), limit=FOLLOW_BATCH))
        return [lead_id for (lead_id,) in rows]

from odoo import api, models
from odoo.tools import SQL


class NurtureScore(models.Model):
    """Accounts are counted again when the scores of their people change."""

    _inherit = "nurture.score"

    @api.model
    def _write_scores(self, model, scope, now, *args, **kw):
        result = super()._write_scores(model, scope, now, *args, **kw)
        rows = self.env.execute_query(self._query_push_accounts(model, scope, now))
        if rows:
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score_accounts")
        return result

    def _query_push_accounts(self, model, scope, now):
        """Rows that were written just now speak of this moment."""
        # index nurture_score_person_model_uniq
        return self.env["nurture.account.dirty"]._query_push_scored(
            SQL(
                "SELECT s.person_id FROM nurture_score s WHERE s.model_id = %s AND %s "
                "AND s.computed_at = %s",
                model.id,
                scope.holds(SQL("s.person_id")),
                now,
            )
        )

    def _query_drop_strays(self, model, scope):
        """The rows that leave are still seen by the statement that deletes them."""
        return SQL(
            """WITH gone AS (%s), told AS (%s) SELECT id FROM gone""",
            super()._query_drop_strays(model, scope),
            self.env["nurture.account.dirty"]._query_push_scored(
                SQL("SELECT s.person_id FROM nurture_score s JOIN gone ON gone.id = s.id")
            ),
        )

    def _query_forget_model(self, model):
        # index nurture_account_score__model_id_index
        return SQL(
            """WITH gone AS (%s), also AS (
                   DELETE FROM nurture_account_score WHERE model_id = ANY(%s))
               SELECT COUNT(*) FROM gone""",
            super()._query_forget_model(model),
            model.ids,
        )

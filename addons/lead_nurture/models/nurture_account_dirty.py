from odoo import api, fields, models
from odoo.tools import SQL


class NurtureAccountDirty(models.Model):
    """One row: the score of an account may have changed.

    Insert-only and not unique, for the same reason as nurture.change.
    """

    _name = "nurture.account.dirty"
    _description = "Account to score again"
    _log_access = False

    account_id = fields.Integer(required=True)  # no foreign key: the queue must not lock accounts

    @api.model
    def _push(self, account_ids):
        ids = sorted({account_id for account_id in account_ids if account_id})
        if ids:
            self.env.execute_query(self._query_push(ids))
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score_accounts")

    @api.model
    def _push_all(self):
        """Every account: the nightly count, or a setting has changed."""
        self.env.flush_all()
        self.env.execute_query(self._query_push_all())
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score_accounts")

    @api.model
    def _claim(self, limit):
        return sorted({row[0] for row in self.env.execute_query(self._query_claim(limit))})

    def _query_push(self, ids):
        return SQL(
            "INSERT INTO nurture_account_dirty (account_id) SELECT unnest(%s::int[]) RETURNING id",
            ids,
        )

    def _query_push_all(self):
        return SQL(
            """WITH pushed AS (
                   INSERT INTO nurture_account_dirty (account_id)
                   SELECT id FROM nurture_account ORDER BY id RETURNING 1)
               SELECT COUNT(*) FROM pushed"""
        )

    def _query_push_scored(self, scored):
        """The accounts of the persons in the rows `scored`."""
        # indexes nurture_person_pkey
        return SQL(
            """INSERT INTO nurture_account_dirty (account_id)
               SELECT DISTINCT p.account_id FROM (%s) scored
                 JOIN nurture_person p ON p.id = scored.person_id
                WHERE p.account_id IS NOT NULL RETURNING id""",
            scored,
        )

    def _query_claim(self, limit):
        # primary key; an array is found once, whatever the planner believes of a new queue
        return SQL(
            """DELETE FROM nurture_account_dirty WHERE id = ANY(ARRAY(
                   SELECT id FROM nurture_account_dirty ORDER BY id LIMIT %s
                      FOR UPDATE SKIP LOCKED))
               RETURNING account_id""",
            limit,
        )

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 5_000
# what core knows of the last days is read once more at night: people may have got known since
READ_AGAIN = timedelta(days=2)


class NurtureChange(models.Model):
    """One row: a lead, contact or login was created, changed or deleted and not yet looked at.

    Insert-only, without any uniqueness: a salesperson who saves a lead never waits for, nor
    collides with, the cron that reads this queue and joins records to persons.
    Rows of kind person ask only for the business of somebody. Silent rows are no news to
    anybody: who was there already at the nightly comparison, who was separated again.
    """

    _name = "nurture.change"
    _description = "Record whose person must be looked at"
    _log_access = False

    kind = fields.Char(required=True)
    res_id = fields.Integer(required=True)
    silent = fields.Boolean(required=True, default=False)
    into_id = fields.Integer(help="The record into which a user merged this one.")

    # people who wait before the backlog of an installation
    _claim_idx = models.Index("(silent, id)")

    @api.model
    def _push(self, kind, ids, silent=False):
        """Remember that these records changed, and wake the cron."""
        if not ids:
            return
        push = self._query_push(kind, ids, silent=silent)
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_sync_persons", along=push)

    @api.model
    def _push_merged(self, kind, ids, into_id):
        """Remember that a user merged these records into another one."""
        if ids:
            self._push(kind, [into_id])
            self.env.execute_query(self._query_push(kind, ids, into_id=into_id))

    @api.model
    def _cron_sync_persons(self):
        """Join what changed. The claim is the first statement of each transaction."""
        cron = self.env["ir.cron"]
        while done := self._sync_batch(BATCH):
            if not cron._commit_progress(done, remaining=self.search_count([], limit=BATCH)):
                break

    @api.model
    def _cron_reconcile_persons(self):
        """Queue what no hook told us: imports by SQL, deleted records, the time before the
        installation. The other cron does the work, so that only one writes identities."""
        self.env.flush_all()
        for kind in self.env["nurture.join"]._source_kinds():
            self.env.execute_query(self._query_push_drifted(kind))
        self.env.execute_query(self._query_push_gone())
        self.env["nurture.account"]._push_drifted_people()
        self.env["nurture.watermark"]._move_back(fields.Datetime.now() - READ_AGAIN)
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_sync_persons")

    @api.model
    def _sync_batch(self, limit):
        """Claim and join one batch; how many rows were claimed."""
        rows = self.env.execute_query(self._query_claim(limit))
        loud = {(kind, res_id) for kind, res_id, silent, _into in rows if not silent}
        quiet = {(kind, res_id) for kind, res_id, silent, _into in rows if silent} - loud
        merged = [(kind, res_id, into) for kind, res_id, _silent, into in rows if into]
        # the record that stays may be in another batch
        loud.update((kind, into) for kind, _res_id, into in merged)
        for records, silent in ((loud, False), (quiet, True)):
            changed = {}
            for kind, res_id in sorted(records):
                changed.setdefault(kind, []).append(res_id)
            self.env["nurture.join"]._sync(
                changed, silent=silent, merged=() if silent else merged
            )
        return len(rows)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_push(self, kind, ids, silent=False, into_id=None):
        return SQL(
            """INSERT INTO nurture_change (kind, res_id, silent, into_id)
               SELECT %s, unnest(%s::int[]), %s, %s RETURNING id""",
            kind,
            list(ids),
            silent,
            into_id,
        )

    def _query_claim(self, limit):
        # index nurture_change_claim_idx
        # an array is found once, whatever the planner believes of a queue that has just filled up
        return SQL(
            """DELETE FROM nurture_change WHERE id = ANY(ARRAY(
                   SELECT id FROM nurture_change ORDER BY silent, id LIMIT %s
                      FOR UPDATE SKIP LOCKED))
               RETURNING kind, res_id, silent, into_id""",
            limit,
        )

    def _query_push_drifted(self, kind):
        """Records whose identity is missing, or was made with another address."""
        return SQL(
            """WITH pushed AS (
               INSERT INTO nurture_change (kind, res_id, silent)
               SELECT s.kind, s.res_id, TRUE FROM (%s) s
            LEFT JOIN nurture_identity i ON i.kind = s.kind AND i.res_id = s.res_id
                WHERE i.id IS NULL OR i.value IS DISTINCT FROM COALESCE(s.email, s.phone)
                   OR COALESCE(i.company_id, 0) <> COALESCE(s.company_id, 0)
             ORDER BY s.res_id RETURNING 1)
               SELECT COUNT(*) FROM pushed""",
            getattr(self.env["nurture.join"], f"_query_source_{kind}")(),
        )

    def _query_push_gone(self):
        """Identities whose record was deleted behind our back."""
        return SQL(
            "INSERT INTO nurture_change (kind, res_id, silent) %s RETURNING id",
            SQL(" UNION ALL ").join(
                SQL(
                    """SELECT i.kind, i.res_id, TRUE
                         FROM nurture_identity i LEFT JOIN %s r ON r.id = i.res_id
                        WHERE i.kind = %s AND i.res_id IS NOT NULL AND r.id IS NULL""",
                    SQL.identifier(self.env[model]._table),
                    kind,
                )
                for kind, model in self.env["nurture.identity"]._record_models().items()
            ),
        )

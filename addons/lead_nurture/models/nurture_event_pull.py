from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.tools import SQL

BATCH = 2_000
OVERLAP = timedelta(minutes=10)  # transactions that were open while we read are read again


class NurtureEvent(models.Model):
    """Events that core already knows: read behind a watermark, never hooked into."""

    _inherit = "nurture.event"

    def init(self):
        super().init()
        # Sales is no dependency of ours: its table gets the index when it is there, or at the next
        # upgrade. Until then the pull works, but sorts all confirmed orders.
        if tools.sql.table_exists(self.env.cr, "sale_order"):
            self.env.cr.execute(self._query_index_purchases())

    @api.model
    def _pull_sources(self):
        """Registry of what is read: a name here and a `_query_pull_<name>` beside it."""
        return ["activity", *(["purchase"] if "sale.order" in self.env else [])]

    @api.model
    def _cron_pull_events(self):
        if not self._may_pull():
            return
        cron = self.env["ir.cron"]
        for name in self._pull_sources():
            while done := self._pull_batch(name):
                if not cron._commit_progress(done, remaining=BATCH):
                    return
        cron._commit_progress(remaining=0)

    @api.model
    def _may_pull(self):
        """What is read is read once: not before its people are joined, at first and each night."""
        people, changes = self.env["nurture.identity"], self.env["nurture.change"]
        joining = changes.search_count([("silent", "=", True)], limit=1)
        return bool(not joining and people.search_count([], limit=1))

    @api.model
    def _pull_batch(self, name):
        """Read one batch of a source; how many rows were read. 0 also moves the mark back by the
        overlap for the next run."""
        marks = self.env["nurture.watermark"]
        at, last_id = marks._read_mark(name)
        self.env.flush_all()
        query = getattr(self, f"_query_pull_{name}")(at, last_id, self._kept_since())
        rows = self.env.execute_query_dict(query)
        if not rows:
            overlapped = fields.Datetime.now() - OVERLAP
            if at is None or at > overlapped:
                marks._write_mark(name, overlapped, 0)
            return 0
        self._insert_events([row for row in rows if row["person_id"]])
        marks._write_mark(name, rows[-1]["mark_at"], rows[-1]["res_id"])
        return len(rows)

    def _query_index_purchases(self):
        return SQL(
            """CREATE INDEX IF NOT EXISTS sale_order_nurture_pull_idx
                   ON sale_order (write_date, id) WHERE state = 'sale'"""
        )

    def _query_after(self, alias, at, last_id, kept_since):
        """Condition: the record was written after the mark, and not before events are kept."""
        return SQL(
            "(%s, %s) > (%s, %s)",
            SQL.identifier(alias, "write_date"),
            SQL.identifier(alias, "id"),
            max(filter(None, (at, kept_since)), default=SQL("'-infinity'::timestamp")),
            last_id,
        )

    def _query_kept(self, moment, kept_since):
        """Condition: what happened at `moment` is young enough to be kept."""
        return SQL("%s >= %s", moment, kept_since) if kept_since else SQL("TRUE")

    def _query_pull_activity(self, at, last_id, kept_since):
        """Calls and meetings done (archived with a date) on leads and contacts."""
        moment = SQL("LEAST(a.write_date, a.date_done + TIME '23:59:59')")
        # index mail_activity_nurture_pull_idx
        return SQL(
            """SELECT i.person_id, a.write_date AS mark_at, a.id AS res_id,
                      CASE t.category WHEN 'phonecall' THEN 'call' ELSE 'meeting' END AS kind,
                      %(moment)s AS occurred_at,
                      a.summary AS topic, 'sales' AS source, 'mail.activity' AS res_model,
                      'activity:' || a.id AS dedup_key
                 FROM mail_activity a
                 JOIN mail_activity_type t ON t.id = a.activity_type_id
            LEFT JOIN nurture_identity i ON i.res_id = a.res_id AND i.kind =
                      CASE a.res_model WHEN 'crm.lead' THEN 'lead' ELSE 'partner' END
                WHERE NOT a.active AND a.date_done IS NOT NULL
                  AND t.category IN ('phonecall', 'meeting')
                  AND a.res_model IN ('crm.lead', 'res.partner') AND %(after)s AND %(kept)s
             ORDER BY a.write_date, a.id LIMIT %(batch)s""",
            moment=moment,
            after=self._query_after("a", at, last_id, kept_since),
            kept=self._query_kept(moment, kept_since),
            batch=BATCH,
        )

    def _query_pull_purchase(self, at, last_id, kept_since):
        """Confirmed orders. The person of the order's own company comes before a shared one."""
        # index sale_order_nurture_pull_idx
        return SQL(
            """SELECT COALESCE(p.id, i.person_id) AS person_id, o.write_date AS mark_at,
                      o.id AS res_id, 'purchase' AS kind, o.date_order AS occurred_at,
                      o.name AS topic, 'sales' AS source, 'sale.order' AS res_model,
                      o.amount_untaxed::float8 AS qty, 'sale.order:' || o.id AS dedup_key,
                      o.company_id
                 FROM sale_order o
                 JOIN res_partner r ON r.id = o.partner_id
            LEFT JOIN nurture_person p ON p.email_normalized = r.email_normalized
                  AND COALESCE(p.company_id, 0) = o.company_id
            LEFT JOIN nurture_identity i ON i.kind = 'partner' AND i.res_id = o.partner_id
                WHERE o.state = 'sale' AND %s AND %s
             ORDER BY o.write_date, o.id LIMIT %s""",
            self._query_after("o", at, last_id, kept_since),
            self._query_kept(SQL("o.date_order"), kept_since),
            BATCH,
        )

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

PULL_BATCH = 5_000
PULL_DAYS = 2


class CrmLead(models.Model):
    """The first touch of a deal: when its customer was first seen, where that was earlier than
    the lead itself. Empty means: with the creation of the lead.

    What is seen earlier stands in records of other apps (visits of the website, clicks in
    mailings), which forget: so the moment is copied onto the lead. It only ever moves back.
    """

    _inherit = "crm.lead"

    first_touch_at = fields.Datetime(
        "First Touch", readonly=True, copy=False,
        help="When the customer was first seen: a visit of the website or a click in a mailing "
        "before the lead was created. Empty: with the creation of the lead.",
        groups="base.group_user", prefetch="sales_automation")
    first_touch_origin = fields.Selection(
        [("visit", "Website visit"), ("click", "Click in a mailing"), ("event", "Marketing event")],
        "First Touch By", readonly=True, copy=False, groups="base.group_user",
        prefetch="sales_automation")

    @api.model
    def _first_touch_sources(self):
        """Registry: origin → SQL that yields (lead_id, at) for the lead ids of the table `asked`.

        Only apps that are installed: each is asked for by the model that it brings.
        """
        sources = {}
        if "visitor_ids" in self._fields:
            sources["visit"] = self._query_first_visit()
        if "mailing.trace" in self.env:
            sources["click"] = self._query_first_click()
        return sources

    @api.model
    def _cron_pull_first_touch(self):
        """Look at the leads that were created or won lately; earlier ones are known."""
        cron = self.env["ir.cron"]
        since = fields.Datetime.now() - timedelta(days=PULL_DAYS)
        domain = ["|", ("create_date", ">=", since), ("won_at", ">=", since)]
        leads, last_id = self.with_context(active_test=False), 0
        time_left = cron._commit_progress(remaining=leads.search_count(domain))
        while time_left and (batch := leads.search(
                [("id", ">", last_id), *domain], order="id", limit=PULL_BATCH)):
            self._backfill_first_touch(batch.ids)
            last_id = batch.ids[-1]
            time_left = cron._commit_progress(len(batch))

    @api.model
    def _backfill_first_touch(self, lead_ids):
        """Move the first touch of these leads back to the earliest that is known; repeatable."""
        if sources := self._first_touch_sources():
            self.env.flush_all()
            self.env.execute_query(self._query_first_touch(lead_ids, sources))
            self.browse(lead_ids).invalidate_recordset(
                ["first_touch_at", "first_touch_origin"], flush=False)

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        known = (self | opportunities).filtered("first_touch_at")
        if known:
            first = min(known, key=lambda lead: lead.first_touch_at)
            target = self.sudo()  # recorded by the system only
            target.write({
                "first_touch_at": first.first_touch_at,
                "first_touch_origin": first.first_touch_origin})
        return result

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_first_touch(self, lead_ids, sources):
        """Written where an earlier moment is known only; `write_date` stays the salespeople's."""
        touches = SQL(" UNION ALL ").join(
            SQL("SELECT t.lead_id, t.at, %s AS origin FROM (%s) t", origin, query)
            for origin, query in sources.items())
        return SQL(
            """
            WITH asked AS (
                SELECT id, partner_id, email_normalized, create_date
                  FROM crm_lead WHERE id = ANY(%(ids)s)
            ), earliest AS (
                SELECT DISTINCT ON (u.lead_id) u.lead_id, u.at, u.origin
                  FROM (%(touches)s) u
                 WHERE u.at IS NOT NULL
                 ORDER BY u.lead_id, u.at, u.origin
            )
            UPDATE crm_lead l
               SET first_touch_at = e.at, first_touch_origin = e.origin
              FROM earliest e
             WHERE l.id = e.lead_id
               AND e.at < COALESCE(l.first_touch_at, l.create_date)
         RETURNING l.id
            """,
            ids=list(lead_ids), touches=touches)

    @api.model
    def _query_first_visit(self):
        relation = self._fields["visitor_ids"]
        return SQL(
            """SELECT r.%(lead)s AS lead_id, MIN(v.create_date) AS at
                 FROM asked a
                 JOIN %(table)s r ON r.%(lead)s = a.id
                 JOIN website_visitor v ON v.id = r.%(visitor)s
                GROUP BY r.%(lead)s""",
            table=SQL.identifier(relation.relation), lead=SQL.identifier(relation.column1),
            visitor=SQL.identifier(relation.column2))

    @api.model
    def _query_first_click(self):
        """Clicks in mailings to the lead or to its contact, as core's traces know them.

        Two joins, not one with OR: each is answered by an index on (model, res_id) or, where
        there is none, by one pass over the traces.
        """
        return SQL(
            """SELECT c.lead_id, MIN(c.at) AS at
                 FROM (SELECT a.id AS lead_id, t.links_click_datetime AS at
                         FROM asked a
                         JOIN mailing_trace t ON t.model = 'crm.lead' AND t.res_id = a.id
                        UNION ALL
                       SELECT a.id, t.links_click_datetime
                         FROM asked a
                         JOIN mailing_trace t ON t.model = 'res.partner'
                                             AND t.res_id = a.partner_id) c
                WHERE c.at IS NOT NULL
                GROUP BY c.lead_id""")

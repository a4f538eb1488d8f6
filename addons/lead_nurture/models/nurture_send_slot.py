from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.rate import Places
from odoo.tools import SQL

# a place that was given may be used up to so much later: lanes are not punctual to the second
GRACE = timedelta(minutes=10)
# first key of the advisory locks of servers; any number that nobody else uses
LOCK = 1_907_035


class NurtureSendSlot(models.Model):
    """One hour of one mail server, or of a company whose mails leave by servers without limits
    of their own: how many mails of scenarios have a place in it.

    Two lanes never give the same place away: who gives holds the lock of the server, and the
    counter that another lane has changed since our transaction began refuses our change, so that
    the lane starts over and reads it anew.
    """

    _name = "nurture.send.slot"
    _description = "Hour of a mail server"
    _log_access = False

    mail_server_id = fields.Many2one("ir.mail_server", readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    hour = fields.Datetime(required=True, readonly=True)
    taken = fields.Integer(required=True, readonly=True)

    _hour_uniq = models.UniqueIndex(
        "(COALESCE(mail_server_id, 0), COALESCE(company_id, 0), hour)",
        "This hour is counted already.",
    )

    @api.model
    def _places(self, server, company, limits, now):
        """The places of this server from today on; None while another lane gives them out."""
        if not self.env.execute_query(self._query_lock(server.id or -company.id))[0][0]:
            return None
        since = datetime.combine(now.date(), time())
        taken = dict(self.env.execute_query(self._query_taken(server, company, since)))
        return Places(limits, taken)

    @api.model
    def _save(self, server, company, added):
        if added:
            self.env.execute_query(self._query_add(server, company, added))

    @api.autovacuum
    def _gc_slots(self):
        """Hours that passed two days ago say nothing any more."""
        past = fields.Datetime.now() - timedelta(days=2)
        self.search([("hour", "<", past)], limit=10_000).unlink()

    @api.model
    def _query_lock(self, key):
        return SQL("SELECT pg_try_advisory_xact_lock(%s, %s)", LOCK, key)

    @api.model
    def _query_taken(self, server, company, since):
        # index nurture_send_slot_hour_uniq
        return SQL(
            """SELECT hour, taken FROM nurture_send_slot
                WHERE COALESCE(mail_server_id, 0) = %s AND COALESCE(company_id, 0) = %s
                  AND hour >= %s""",
            server.id or 0,
            company.id or 0,
            since,
        )

    @api.model
    def _query_add(self, server, company, added):
        # index nurture_send_slot_hour_uniq
        return SQL(
            """INSERT INTO nurture_send_slot AS s (mail_server_id, company_id, hour, taken)
               SELECT %(server)s, %(company)s, a.hour, a.taken
                 FROM unnest(%(hours)s::timestamp[], %(taken)s::int[]) AS a(hour, taken)
          ON CONFLICT (COALESCE(mail_server_id, 0), COALESCE(company_id, 0), hour)
            DO UPDATE SET taken = s.taken + EXCLUDED.taken
            RETURNING s.id""",
            server=server.id or None,
            company=company.id or None,
            hours=list(added),
            taken=list(added.values()),
        )

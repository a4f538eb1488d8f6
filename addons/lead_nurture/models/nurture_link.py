from odoo import api, fields, models
from odoo.tools import SQL

MAX_URL = 2000


class NurtureLink(models.Model):
    """One address that a mail of a scenario leads to.

    A click is sent to what stands here, never to what the request says: so nobody can use our
    host to send people elsewhere.
    """

    _name = "nurture.link"
    _description = "Link in a mail"
    _log_access = False
    _rec_name = "url"

    mailing_id = fields.Many2one(
        "mailing.mailing", required=True, readonly=True, ondelete="cascade"
    )
    url = fields.Char(required=True, readonly=True)

    # an address can be longer than an index entry may be, hence the digest
    _url_uniq = models.UniqueIndex("(mailing_id, md5(url))", "This link exists already.")

    @api.model
    def _ids_of(self, mailing, urls):
        """{url: id of its link}, written where new."""
        urls = sorted({url for url in urls if len(url) <= MAX_URL})
        if not urls:
            return {}
        found = dict(self.env.execute_query(self._query_find(mailing, urls)))
        new = [url for url in urls if url not in found]
        if new:
            # two lanes may meet here once per mail; the second starts over, which is no fault
            self.env.cr.execute(self._query_add(mailing, new), log_exceptions=False)
            found.update(self.env.execute_query(self._query_find(mailing, new)))
        return found

    @api.model
    def _query_add(self, mailing, urls):
        return SQL(
            """INSERT INTO nurture_link (mailing_id, url)
               SELECT %s, unnest(%s::varchar[]) ON CONFLICT DO NOTHING RETURNING id""",
            mailing.id,
            urls,
        )

    @api.model
    def _query_find(self, mailing, urls):
        # index nurture_link_url_uniq
        return SQL(
            """SELECT url, id FROM nurture_link
                WHERE mailing_id = %s
                  AND md5(url) IN (SELECT md5(u) FROM unnest(%s::varchar[]) u)""",
            mailing.id,
            urls,
        )

import html
import re
from datetime import timedelta

from markupsafe import Markup, escape
from odoo import api, models, tools
from odoo.addons.lead_nurture.engine import token as engine

HREF = re.compile(r"""(<a\b[^>]*?\bhref=)(["'])(https?://.*?)\2""", re.IGNORECASE | re.DOTALL)
# core replaces these by the recipient's own pages
KEEP = ("/unsubscribe_from_list", "/view")

# two links of one mail within this time are one machine
BURST = timedelta(seconds=2)


class NurtureSend(models.Model):
    """The addresses by which we learn that a mail was opened or a link followed."""

    _inherit = "nurture.send"

    def _sign(self, purpose, ids):
        # sudo: the database secret signs, nobody reads it
        return tools.hmac(self.env(su=True), f"lead_nurture-{purpose}", ids)

    @api.model
    def _read_token(self, purpose, text, count):
        """The ids in a token that we signed for this purpose, else None."""
        found = engine.read(text, count)
        if not found:
            return None
        expected = self._sign(purpose, found.ids)[: engine.SIGNATURE_LENGTH]
        return found.ids if tools.consteq(found.signature, expected) else None

    def _pixel_url(self, base_url):
        self.ensure_one()
        token = engine.write(self.ids, self._sign("open", tuple(self.ids)))
        return f"{base_url}/n/o/{token}.gif"

    def _click_url(self, base_url, link_id):
        self.ensure_one()
        ids = (self.id, link_id)
        return f"{base_url}/n/c/{engine.write(ids, self._sign('click', ids))}"

    @api.model
    def _track_links(self, mailing, bodies):
        """Bodies {send: html} with every link leading over our click route, but for the pages
        that core personalises."""
        base_url = mailing.get_base_url()
        kept = {base_url + path for path in KEEP}
        found = {send: self._urls_in(body) - kept for send, body in bodies.items()}
        link_ids = self.env["nurture.link"]._ids_of(
            mailing, {url for urls in found.values() for url in urls}
        )

        def rewrite(send, match):
            link_id = link_ids.get(html.unescape(match.group(3)))
            if not link_id:
                return match.group(0)
            return f'{match.group(1)}"{escape(send._click_url(base_url, link_id))}"'

        return {
            send: Markup(HREF.sub(lambda match, s=send: rewrite(s, match), str(body)))
            for send, body in bodies.items()
        }

    @api.model
    def _urls_in(self, body):
        return {html.unescape(match.group(3)) for match in HREF.finditer(str(body))}

    def _recent_clicks(self, since):
        """Human clicks on these mails just before `since`, to notice a burst over two batches."""
        if not since:
            return self.env["nurture.event"]
        return self.env["nurture.event"].search(
            [
                ("person_id", "in", self.person_id.ids),
                ("occurred_at", ">=", since - BURST),
                ("kind", "=", "mail_click"),
                ("actor", "=", "human"),
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
            ]
        )

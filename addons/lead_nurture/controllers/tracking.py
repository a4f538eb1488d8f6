import base64
import time

from odoo import http
from odoo.addons.lead_nurture.engine import actor, limiter
from odoo.http import request
from werkzeug.exceptions import NotFound, TooManyRequests

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
HEADERS = {
    "Cache-Control": "no-store, private, max-age=0",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
# per worker and network; a reader makes a handful of hits a minute, a scanner hundreds
GATE = limiter.Limiter(limit=60, window=60)


class NurtureTracking(http.Controller):
    """Pixel and links of our mails. Both only put a raw hit into the inbox, whatever happens to
    the mail meanwhile; neither tells whether a mail, a link or a person exists. All that lies below
    them is theirs, so that no nonsense goes on to pages that look it up."""

    @http.route(
        "/n/o/<path:token>", type="http", auth="public", methods=["GET", "HEAD"],
        save_session=False, readonly=False,
    )
    def open_pixel(self, token, **_ignored):
        token = token.removesuffix(".gif")
        if request.httprequest.method == "GET" and self._knocks_politely():
            ids = request.env["nurture.send"].sudo()._read_token("open", token, 1)  # sudo: public
            if ids:
                self._keep("mail_open", token, {"send_id": ids[0]})
        return request.make_response(GIF, [*HEADERS.items(), ("Content-Type", "image/gif")])

    @http.route(
        "/n/c/<path:token>", type="http", auth="public", methods=["GET", "HEAD"],
        save_session=False, readonly=False,
    )
    def click(self, token, **_ignored):
        if not self._knocks_politely():
            raise TooManyRequests()
        ids = request.env["nurture.send"].sudo()._read_token("click", token, 2)  # sudo: public
        # sudo: public; the address was stored by the sender, it never comes from the request
        link = request.env["nurture.link"].sudo().browse(ids[1] if ids else []).exists()
        if not link:
            raise NotFound()
        if request.httprequest.method == "GET":
            self._keep("mail_click", token, {"send_id": ids[0], "link_id": ids[1]})
        response = request.redirect(link.url, code=302, local=False)
        response.headers.update(HEADERS)
        return response

    def _knocks_politely(self):
        network = actor.truncate_ip(request.httprequest.remote_addr)
        return GATE.allow(network, time.monotonic())

    def _keep(self, kind, token, payload):
        headers = request.httprequest.headers
        request.env["nurture.inbox"].sudo()._push(  # sudo: public visitors leave hits
            kind,
            token,
            payload,
            {
                "ip": request.httprequest.remote_addr,
                "user_agent": headers.get("User-Agent", ""),
                "method": request.httprequest.method,
            },
        )

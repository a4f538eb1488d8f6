import re
import time

from odoo import http
from odoo.addons.lead_nurture.engine import actor, knock, limiter
from odoo.http import request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge, TooManyRequests

from .tracking import HEADERS

TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)
# per worker and network
GATE = limiter.Limiter(limit=60, window=60)


class NurtureWebhook(http.Controller):
    """The door of a scenario for other systems. It only puts what was told into the inbox, and
    never tells whether a person is known."""

    @http.route(
        "/n/w/<string:token>", type="http", auth="public", methods=["POST"], csrf=False,
        save_session=False, readonly=False, max_content_length=knock.MAX_BYTES,
    )
    def tell(self, token, **_ignored):
        source = request.httprequest
        if not GATE.allow(actor.truncate_ip(source.remote_addr), time.monotonic()):
            raise TooManyRequests()
        # a body of unknown length could be of any length
        if source.content_length is None or source.content_length > knock.MAX_BYTES:
            raise RequestEntityTooLarge()
        if not TOKEN.fullmatch(token):
            raise NotFound()
        # sudo: public; the token is the right
        scenario = request.env["nurture.scenario"].sudo()._of_webhook(token)
        if not scenario:
            raise NotFound()
        try:
            told = knock.read(source.get_data())
        except ValueError as error:
            return self._answer({"error": str(error)}, 400)
        scenario._keep_knock(
            told,
            {
                "ip": source.remote_addr,
                "user_agent": source.headers.get("User-Agent", ""),
                "method": source.method,
            },
        )
        return self._answer({"status": "kept"}, 202)

    def _answer(self, body, status):
        return request.make_json_response(body, headers=[*HEADERS.items()], status=status)

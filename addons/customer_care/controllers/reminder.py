import re

from odoo import http
from odoo.addons.customer_care.engine.window import Window
from odoo.http import request
from odoo.tools import consteq

from .door import admit, render_private

#: What our own links look like; anything else is nobody's.
TOKEN = re.compile(r"[0-9a-f]{64}")
#: Ids of the database end here.
LAST_ID = 2 ** 31
#: Per worker, network and door: a person comes twice, mail programs of a network some times.
PAGE, ONE_CLICK = Window(limit=60, seconds=60), Window(limit=60, seconds=60)


class CareReminderController(http.Controller):
    """The way out of reminders: a page that asks, and the one click of a mail program."""

    @http.route(
        "/care/reminder/<int:reminder_id>/<string:token>", type="http", auth="public",
        methods=["GET"], sitemap=False)
    def ask(self, reminder_id, token):
        """The page changes nothing: mail scanners open every link."""
        reminder = self._find(PAGE, reminder_id, token)
        if not reminder:
            return request.not_found()
        return self._render(reminder, done=False)

    @http.route(
        "/care/reminder/<int:reminder_id>/<string:token>", type="http", auth="public",
        methods=["POST"])
    def stop(self, reminder_id, token, **_post):
        reminder = self._find(PAGE, reminder_id, token)
        if not reminder:
            return request.not_found()
        reminder._stop_mails()
        return self._render(reminder, done=True)

    @http.route(
        "/care/reminder/oneclick/<int:reminder_id>/<string:token>", type="http", auth="public",
        methods=["POST"], csrf=False, save_session=False)
    def stop_by_one_click(self, reminder_id, token, **_post):
        """RFC 8058: posted by the mail program, without cookie and without redirect."""
        reminder = self._find(ONE_CLICK, reminder_id, token)
        if not reminder:
            return request.not_found()
        reminder._stop_mails()
        return request.make_response("", headers=[("Cache-Control", "no-store")])

    def _find(self, door, reminder_id, token):
        """The reminder of a link of ours, or nothing; a bad link tells nothing of what exists."""
        admit(door)
        if reminder_id >= LAST_ID or not TOKEN.fullmatch(token):
            return None
        # The token is the right: who holds it got the mail.
        reminder = request.env["care.reminder"].sudo().browse(reminder_id)
        if not consteq(reminder._get_token("stop"), token):
            return None
        return reminder.exists()

    def _render(self, reminder, done):
        return render_private("customer_care.reminder_stop", {
            "reminder": reminder, "done": done, "company": reminder.company_id})

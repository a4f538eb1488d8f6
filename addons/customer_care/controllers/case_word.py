"""What a customer says of his case by a button: settled, not settled, satisfied."""
from odoo import http
from odoo.addons.customer_care.engine import form
from odoo.addons.customer_care.engine.window import Window
from odoo.exceptions import UserError
from odoo.http import request
from werkzeug.exceptions import TooManyRequests

from .case_portal import find_case, find_speaker
from .door import admit

#: Characters of a reason that a customer gives.
MOST_WORDS = 2000
#: A reason in any alphabet stays far below.
BODY_BYTES = 2 ** 15
#: Per worker: each word writes and some send mails, and a link is easily passed on.
NETWORK, CASE = Window(limit=30, seconds=600), Window(limit=10, seconds=600)
VALUES = ("1", "2", "3", "4", "5")


class CaseWord(http.Controller):
    """Each button is a form of its own that posts; looking at a page changes nothing."""

    @http.route(
        "/my/cases/<int:case_id>/reopen", type="http", auth="public", website=True,
        methods=["POST"], max_content_length=BODY_BYTES)
    def reopen_case(self, case_id, access_token=None, reason="", **_post):
        case, speaker = self._find(case_id, access_token)
        if not speaker:
            return self._refuse()
        if case._is_reopened_often():
            raise TooManyRequests()
        reason = form.plain(reason)[:MOST_WORDS] or request.env._("It is not settled yet.")
        try:
            case._reopen_by_customer(speaker, reason)
        except UserError:
            return self._show(case, "late")
        return self._show(case, "again")

    @http.route(
        "/my/cases/<int:case_id>/settle", type="http", auth="public", website=True,
        methods=["POST"], max_content_length=BODY_BYTES)
    def settle_case(self, case_id, access_token=None, **_post):
        case, speaker = self._find(case_id, access_token)
        if not speaker:
            return self._refuse()
        case._settle_by_customer(speaker)
        return self._show(case, "settled")

    @http.route(
        "/my/cases/<int:case_id>/rate", type="http", auth="public", website=True,
        methods=["POST"], max_content_length=BODY_BYTES)
    def rate_case(self, case_id, access_token=None, value="", words="", **_post):
        case, speaker = self._find(case_id, access_token)
        if not speaker:
            return self._refuse()
        if value in VALUES and case._may_rate():
            case._rate_by_customer(speaker, int(value), form.plain(words)[:MOST_WORDS])
            return self._show(case, "rated")
        return self._show(case)

    def _find(self, case_id, access_token):
        admit(NETWORK)
        case = find_case(case_id, access_token)
        if case:
            admit(CASE, f"{request.db} {case.id}")
        return case, case and find_speaker(case)

    def _refuse(self):
        return request.redirect("/my", 303)

    def _show(self, case, said=""):
        return request.redirect(
            case.get_portal_url(query_string=f"&said={said}" if said else None), 303)

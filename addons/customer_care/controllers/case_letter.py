from odoo import http
from odoo.addons.customer_care.engine.window import Window
from odoo.addons.portal.controllers import portal
from odoo.http import request

from .case_portal import find_case
from .door import admit

#: Per worker and network: a document takes a second to make.
LETTERS = Window(limit=20, seconds=600)


class CaseLetter(portal.CustomerPortal):
    """The closing letter of a complaint, for whose complaint it is."""

    @http.route(
        "/my/cases/<int:case_id>/letter", type="http", auth="public", website=True,
        methods=["GET"])
    def show_letter(self, case_id, access_token=None, **_query):
        admit(LETTERS)
        case = find_case(case_id, access_token)
        if not case or not case._has_letter():
            return request.redirect("/my")
        response = self._show_report(
            case, "pdf", "customer_care.care_case_letter_report", download=True)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

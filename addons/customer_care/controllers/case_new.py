from odoo import http
from odoo.addons.customer_care.engine import form
from odoo.addons.customer_care.engine.window import Window
from odoo.addons.portal.controllers import portal
from odoo.http import request

from .door import admit, render_private
from .upload import BODY_BYTES, categories_of, read_files, words

#: Per worker and account.
WRITE = Window(limit=10, seconds=600)
#: Order lines that a customer may choose from, newest first.
MOST_LINES = 60


class CaseNew(portal.CustomerPortal):
    """A new case from the customer's pages, about something that he ordered."""

    @http.route(
        "/my/cases/new", type="http", auth="user", website=True, methods=["GET"])
    def new_case(self, **_query):
        return self._render_new({}, {})

    @http.route(
        "/my/cases/new", type="http", auth="user", website=True, methods=["POST"],
        max_content_length=BODY_BYTES)
    def create_case(self, **post):
        admit(WRITE, str(request.env.uid))
        line = self._lines().filtered(lambda one: str(one.id) == post.get("line_id"))
        company = line.company_id or self._company()
        values = form.clean(post)
        values["line_id"] = line.id
        values["category_id"] = categories_of(company).filtered(
            lambda one: str(one.id) == post.get("category_id")).id
        wrong = form.errors(values, form.REQUIRED_INSIDE)
        files, bad = read_files()
        if bad:
            wrong["files"] = bad
        if not self._has_team(company):
            wrong["form"] = "nobody"
        if wrong:
            return self._render_new(values, wrong)
        cases = request.env["care.case"].sudo()  # customers write no cases
        case = cases._open_from_portal(
            request.env.user.partner_id, company, values,
            line.sudo(), files)  # a line that he himself may read
        return request.redirect(f"/my/cases/{case.id}?said=new", 303)

    def _lines(self):
        """What this customer ordered; an employee has bought what his own contact did."""
        lines = request.env["sale.order.line"]
        if not lines.has_access("read"):
            return lines
        partner = request.env.user.partner_id.commercial_partner_id
        return lines.search([
            ("order_partner_id", "child_of", partner.ids), ("state", "=", "sale"),
            ("product_id", "!=", False), ("display_type", "=", False),
            ("is_downpayment", "=", False), ("company_id", "in", request.env.companies.ids),
        ], order="id desc", limit=MOST_LINES)

    def _company(self):
        return request.env.user.company_id

    def _has_team(self, company):
        # Whether anybody is there is all that is asked.
        return bool(request.env["care.team"].sudo()._default_team(company))

    def _render_new(self, values, wrong):
        told = words() | {"nobody": request.env._(
            "Nobody takes cases here at the moment: please write to us by e-mail.")}
        return render_private("customer_care.portal_new_case", {
            **self._prepare_portal_layout_values(), "page_name": "case", "new_case": True,
            "values": values, "wrong": {key: told[reason] for key, reason in wrong.items()},
            "lines": self._lines().sudo(),  # his own; names of products are ours
            "categories": categories_of(self._company()), "limits": form.LIMITS})

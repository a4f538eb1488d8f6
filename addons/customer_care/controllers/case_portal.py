from odoo import http
from odoo.addons.customer_care.engine import form
from odoo.addons.portal.controllers import portal
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from .door import render_private

#: What a page may say after a click.
SAID = ("late", "again", "settled", "rated", "new")
#: Ids of the database end here.
LAST_ID = 2 ** 31


def find_case(case_id, access_token):
    """The case for who may see it or holds its token; nothing for all others alike."""
    if case_id >= LAST_ID or (access_token and not access_token.isascii()):
        return None
    try:
        return portal.CustomerPortal()._document_check_access(
            "care.case", case_id, access_token)
    except (AccessError, MissingError):
        return None


def find_speaker(case):
    """Whose word it is: of who is logged in, else of the customer who got the link.

    A colleague who looks at a customer's page says nothing for him.
    """
    user = request.env.user
    if user._is_public():
        return case.partner_id
    if user._is_internal() and user.partner_id != case.partner_id:
        return user.partner_id.browse()
    return user.partner_id


class CasePortal(portal.CustomerPortal):
    """A customer's own cases: where they are, and what was said."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "case_count" in counters:
            cases = request.env["care.case"]
            values["case_count"] = (
                cases.search_count(self._own()) if cases.has_access("read") else 0)
        return values

    def _own(self):
        """His own, not all that an employee or a salesperson could see."""
        partner = request.env.user.partner_id
        return Domain("partner_id", "=", partner.id) | Domain(
            "message_partner_ids", "in", partner.ids)

    def _filters(self):
        _ = request.env._
        return {
            "all": {"label": _("All"), "domain": Domain.TRUE},
            "open": {"label": _("Open"),
                     "domain": Domain("stage_kind", "in", ("new", "open", "waiting"))},
            "ended": {"label": _("Resolved or closed"),
                      "domain": Domain("stage_kind", "in", ("resolved", "closed"))},
        }

    def _sortings(self):
        _ = request.env._
        return {
            "date": {"label": _("Newest"), "order": "opened_at desc, id desc"},
            "name": {"label": _("Subject"), "order": "name, id"},
        }

    @http.route(
        ["/my/cases", "/my/cases/page/<int:page>"], type="http", auth="user", website=True,
        methods=["GET"])
    def list_cases(self, page=1, sortby=None, filterby=None, search=None, **_query):
        cases = request.env["care.case"]
        if not cases.has_access("read"):
            return request.redirect("/my")
        filters, sortings = self._filters(), self._sortings()
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        search = form.plain(search)[:100]
        domain = self._own() & filters[filterby]["domain"]
        if search:
            domain &= Domain("name", "ilike", search) | Domain("number", "ilike", search)
        pager = portal.pager(
            url="/my/cases", total=cases.search_count(domain), page=page,
            step=self._items_per_page,
            url_args={"sortby": sortby, "filterby": filterby, "search": search})
        found = cases.search(
            domain, order=sortings[sortby]["order"], limit=self._items_per_page,
            offset=pager["offset"])
        request.session["my_cases_history"] = found.ids[:100]
        return request.render("customer_care.portal_my_cases", {
            **self._prepare_portal_layout_values(),
            "page_name": "case", "cases": found.sudo(),  # found as the customer himself
            "pager": pager, "default_url": "/my/cases",
            "searchbar_sortings": sortings, "sortby": sortby,
            "searchbar_filters": filters, "filterby": filterby,
            "searchbar_inputs": {
                "all": {"input": "all", "label": request.env._("Search in cases")}},
            "search": search, "search_in": "all",
        })

    @http.route(
        "/my/cases/<int:case_id>", type="http", auth="public", website=True, methods=["GET"])
    def show_case(self, case_id, access_token=None, said=None, **query):
        case = find_case(case_id, access_token)
        if not case:
            return request.redirect("/my")
        speaker = find_speaker(case)
        values = self._get_page_view_values(
            case, access_token, {
                "case": case, "page_name": "case", "said": said if said in SAID else None,
                "may_speak": bool(speaker), "rating": case._find_rating(speaker)},
            "my_cases_history", False,
            pid=query.get("pid"), hash=query.get("hash"))
        return render_private("customer_care.portal_my_case", values)

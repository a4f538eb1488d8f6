import re
import time

from odoo import http
from odoo.addons.customer_care.engine import form
from odoo.addons.customer_care.engine.window import Window
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import consteq
from odoo.tools.misc import hmac

from .door import admit, render_private
from .upload import BODY_BYTES, categories_of, read_files, words

KEY = re.compile(r"[0-9a-f]{16}")
STAMP = re.compile(r"([0-9]{10})-([0-9a-f]{64})", re.ASCII)
#: How browsers name what a page of ours sends.
OWN_PAGE = "same-origin"
#: Per worker and network: an office looks often and writes sometimes.
LOOK, WRITE = Window(limit=60, seconds=60), Window(limit=10, seconds=600)


class CareContactForm(http.Controller):
    """The public form: whoever has no account writes here, and gets a number."""

    @http.route(
        ["/care/contact", "/care/contact/<string:key>"], type="http", auth="public",
        methods=["GET"], website=True, sitemap=False)
    def show_form(self, key=None, **_query):
        team = self._find_team(LOOK, key)
        if not team:
            return render_private("customer_care.contact_form_gone", {}, 404)
        return self._render(team, {}, {})

    @http.route(
        ["/care/contact", "/care/contact/<string:key>"], type="http", auth="public",
        methods=["POST"], website=True, sitemap=False, max_content_length=BODY_BYTES)
    def send_form(self, key=None, **post):
        team = self._find_team(WRITE, key)
        if not team:
            return render_private("customer_care.contact_form_gone", {}, 404)
        return self._render(team, *self._send(team, post))

    # ---- the same in a frame --------------------------------------------------------------------

    @http.route(
        "/care/contact/<string:key>/frame", type="http", auth="public", methods=["GET"],
        website=True, sitemap=False, save_session=False)
    def show_frame(self, key, **_query):
        team = self._find_framed(LOOK, key)
        if not team:
            return render_private("customer_care.contact_form_gone", {}, 404)
        return self._render(team, {}, {}, framed=True)

    @http.route(
        "/care/contact/<string:key>/frame", type="http", auth="public", methods=["POST"],
        website=True, sitemap=False, csrf=False, save_session=False,
        max_content_length=BODY_BYTES)
    def send_framed(self, key, **post):
        """Browsers keep our cookie from frames of other sites, so that no token of it can guard
        this. Nothing here rests on a cookie: whoever is logged in is a stranger, too; and what
        another page sends, not the frame's own form, browsers name.
        """
        team = self._find_framed(WRITE, key)
        if not team:
            return render_private("customer_care.contact_form_gone", {}, 404)
        if request.httprequest.headers.get("Sec-Fetch-Site", OWN_PAGE) != OWN_PAGE:
            return render_private("customer_care.contact_form_gone", {}, 403)
        return self._render(team, *self._send(team, post), framed=True)

    def _find_framed(self, door, key):
        """A team whose form some site may show."""
        team = self._find_team(door, key)
        return team if team and team.company_id._get_care_frame_origins() else None

    # ---- what is sent ---------------------------------------------------------------------------

    def _send(self, team, post):
        """Open a case, or tell what is wrong: (values, errors, number of the case or None)."""
        if post.get("website"):  # a field that no person sees
            return {}, {}, ""
        values = form.clean(post)
        values["category_id"] = self._read_category(team, post.get("category_id"))
        wrong = form.errors(values)
        late = self._read_stamp(team, post.get("stamp", ""))
        if late:
            wrong["form"] = late
        files, bad = read_files()
        if bad:
            wrong["files"] = bad
        told = words()
        wrong = {key: told[reason] for key, reason in wrong.items()} or self._ask_captcha()
        if wrong:
            return values, wrong, None
        # A stranger's word; what he may write was checked above.
        case = request.env["care.case"].sudo()._open_from_form(team, values, files)
        return {}, {}, case.number

    def _ask_captcha(self):
        """What reCAPTCHA or Turnstile say where one is set up; the form keeps what was typed."""
        try:
            request.env["ir.http"]._verify_request_recaptcha_token("care_contact")
        except UserError as error:
            return {"form": str(error)}
        return {}

    def _find_team(self, door, key):
        """The team of a form's address; without one the only form that is open."""
        admit(door)
        # The public may see of a team what its form shows.
        teams = request.env["care.team"].sudo()
        if key is None:
            found = teams.search([("form_open", "=", True)], limit=2)
            return found if len(found) == 1 else None
        if not KEY.fullmatch(key):
            return None
        return teams.search([("form_key", "=", key), ("form_open", "=", True)], limit=1)

    def _read_category(self, team, text):
        return self._categories(team).filtered(lambda one: str(one.id) == text).id or None

    def _categories(self, team):
        return team.form_category_ids or categories_of(team.company_id)

    def _sign(self, team, moment):
        return hmac(request.env(su=True), "customer_care-contact-form", (team.id, moment))

    def _read_stamp(self, team, stamp):
        """Why the form's time is none of a person's; None when it is."""
        told = STAMP.fullmatch(stamp) if isinstance(stamp, str) else None
        if not told or not consteq(self._sign(team, int(told[1])), told[2]):
            return "old"
        return form.timing(int(told[1]), time.time())

    def _render(self, team, values, wrong, number=None, framed=False):
        moment = int(time.time())
        return render_private("customer_care.contact_form", {
            "team": team, "values": values, "wrong": wrong, "number": number, "framed": framed,
            "categories": self._categories(team), "limits": form.LIMITS,
            "stamp": f"{moment}-{self._sign(team, moment)}"},
            frames=team.company_id._get_care_frame_origins() if framed else ())

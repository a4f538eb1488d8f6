from odoo import fields, http
from odoo.addons.customer_care.engine import ask as engine
from odoo.addons.customer_care.engine.window import Window, network_of
from odoo.http import request
from odoo.tools import consteq

from .door import admit, render_private

#: How long the keys in our own links are; anything else is nobody's.
TOKEN, STOP_TOKEN = 32, 64
#: Ids of the database end here.
LAST_ID = 2 ** 31
#: A form of ours with a long comment stays far below.
BODY_BYTES = 16_384
#: Per worker, network and door: an office behind one address answers some surveys a minute.
PAGE, OPEN, ONE_CLICK = (
    Window(limit=60, seconds=60), Window(limit=20, seconds=60), Window(limit=60, seconds=60))
#: Seconds in which a browser gives one answer to a public link.
COOKIE_SECONDS = 86_400


class CareSurveyController(http.Controller):
    """Where a customer answers: a page that changes nothing, and a form that does.

    Mail scanners open every link, and some ask for its head: only a POST of the form counts. The
    token is the right to answer, so no cookie and no session is needed.
    """

    @http.route(
        "/care/ask/<string:token>", type="http", auth="public", methods=["GET"], sitemap=False,
        readonly=True)
    def ask(self, token, **query):
        invitation = self._find(token)
        if not invitation:
            return self._refuse(404)
        if not invitation._is_open(fields.Datetime.now()):
            return self._refuse(410)
        if self._is_colleague(invitation):
            return self._refuse(403)
        chosen = self._read_value(invitation.program_id, query.get("v"))
        if invitation.answered_at and not query.get("change"):
            return self._render_thanks(invitation, "seen")
        if invitation.answered_at and chosen is None:
            chosen = invitation._current_value()
        return self._render_form(invitation.program_id, chosen, change=invitation.answered_at)

    @http.route(
        "/care/ask/<string:token>", type="http", auth="public", methods=["POST"], csrf=False,
        save_session=False, max_content_length=BODY_BYTES)
    def answer(self, token, **post):
        invitation, now = self._find(token), fields.Datetime.now()
        if not invitation:
            return self._refuse(404)
        if not invitation._is_open(now):
            return self._refuse(410)
        if self._is_colleague(invitation):
            return self._refuse(403)
        if "why" in post:
            invitation._comment(post["why"])
            return self._render_thanks(invitation, "done")
        value = self._read_value(invitation.program_id, post.get("v"))
        if value is None:
            return self._render_form(invitation.program_id, None, missing=True)
        invitation._answer(value, now, change=bool(post.get("change")))
        return self._render_thanks(invitation, "thanks")

    @http.route(
        "/care/ask/open/<string:token>", type="http", auth="public", methods=["GET"],
        sitemap=False, readonly=True)
    def ask_anybody(self, token, **query):
        program = self._find_program(token)
        if not program:
            return self._refuse(404)
        if self._has_answered(program):
            return self._render_thanks(None, "seen", program)
        return self._render_form(program, self._read_value(program, query.get("v")))

    @http.route(
        "/care/ask/open/<string:token>", type="http", auth="public", methods=["POST"],
        csrf=False, save_session=False, max_content_length=BODY_BYTES)
    def answer_anybody(self, token, **post):
        """One answer a day of one browser, some of one network; who is logged in is known."""
        program, now = self._find_program(token), fields.Datetime.now()
        if not program:
            return self._refuse(404)
        if self._has_answered(program):
            return self._render_thanks(None, "seen", program)
        value = self._read_value(program, post.get("v"))
        if value is None:
            return self._render_form(program, None, missing=True)
        person = request.env.user.partner_id
        if request.env.user._is_public():
            person = person.browse()
        word = program._get_network_word(network_of(request.httprequest.remote_addr), now)
        if not program._has_room(word):
            return self._refuse(429)
        invitation = program.invitation_ids.browse().create(
            program._prepare_open_vals(person, word, now))
        invitation._ensure_token()
        invitation._answer(value, now)
        response = self._render_thanks(invitation, "thanks")
        response.set_cookie(
            self._cookie_name(program), "1", max_age=COOKIE_SECONDS, httponly=True, samesite="Lax")
        return response

    # ---- the way out ----------------------------------------------------------------------------

    @http.route(
        "/care/ask/stop/<int:invitation_id>/<string:token>", type="http", auth="public",
        methods=["GET"], sitemap=False, readonly=True)
    def stop(self, invitation_id, token, **_query):
        invitation = self._find_stop(PAGE, invitation_id, token)
        if not invitation:
            return self._refuse(404)
        return self._render_stop(invitation, done=False)

    @http.route(
        "/care/ask/stop/<int:invitation_id>/<string:token>", type="http", auth="public",
        methods=["POST"], csrf=False, save_session=False, max_content_length=BODY_BYTES)
    def stop_now(self, invitation_id, token, **_post):
        invitation = self._find_stop(PAGE, invitation_id, token)
        if not invitation:
            return self._refuse(404)
        invitation._stop_surveys()
        return self._render_stop(invitation, done=True)

    @http.route(
        "/care/ask/stop/oneclick/<int:invitation_id>/<string:token>", type="http", auth="public",
        methods=["POST"], csrf=False, save_session=False, max_content_length=BODY_BYTES)
    def stop_by_one_click(self, invitation_id, token, **_post):
        """RFC 8058: posted by the mail program, without cookie and without redirect."""
        invitation = self._find_stop(ONE_CLICK, invitation_id, token)
        if not invitation:
            return self._refuse(404)
        invitation._stop_surveys()
        return request.make_response("", headers=[("Cache-Control", "no-store")])

    # ---- finding: a bad link tells nothing of what exists ---------------------------------------

    def _find(self, token):
        admit(PAGE)
        if not engine.is_key(token, TOKEN):
            return None
        # The token is the right: who holds it got the mail.
        invitation = request.env["care.survey.invitation"].sudo()._find_by_token(token)
        self._speak(invitation.partner_id.lang)
        return invitation.with_context(lang=request.env.lang)

    def _find_program(self, token):
        admit(OPEN)
        if not engine.is_key(token, TOKEN):
            return None
        # The link is for anybody.
        program = request.env["care.survey.program"].sudo().search([
            ("token", "=", token), ("trigger", "=", "web"), ("is_on", "=", True)], limit=1)
        return program.with_context(lang=request.env.lang)

    def _find_stop(self, door, invitation_id, token):
        admit(door)
        if invitation_id >= LAST_ID or not engine.is_key(token, STOP_TOKEN):
            return None
        # The token is the right: who holds it got the mail.
        invitation = request.env["care.survey.invitation"].sudo().browse(invitation_id)
        if not consteq(invitation._get_stop_token(), token):
            return None
        self._speak(invitation.exists().partner_id.lang)
        return invitation.exists()

    def _is_colleague(self, invitation):
        """One of us who is logged in answers for no customer; his own test he answers."""
        return request.env.user._is_internal() and not invitation.is_test

    def _speak(self, lang):
        """The page speaks the customer's own language."""
        if lang:
            request.update_context(lang=lang)

    def _read_value(self, program, text):
        """A value of the programme's scale, or None for anything else."""
        scale = program._scale()
        return engine.value(text, scale[0], scale[-1])

    def _cookie_name(self, program):
        return f"care_ask_{program.id}"

    def _has_answered(self, program):
        return request.httprequest.cookies.get(self._cookie_name(program)) == "1"

    # ---- pages ----------------------------------------------------------------------------------

    def _render_form(self, program, chosen, change=False, missing=False):
        return render_private("customer_care.survey_ask", {
            "program": program, "company": program.company_id, "values": program._scale(),
            "ends": program._scale_ends(), "chosen": chosen, "change": change,
            "missing": missing}, 400 if missing else 200)

    def _render_thanks(self, invitation, step, program=None):
        program = program or invitation.program_id
        return render_private("customer_care.survey_thanks", {
            "program": program, "company": program.company_id, "step": step,
            "token": invitation and invitation.token})

    def _render_stop(self, invitation, done):
        return render_private("customer_care.survey_stop", {
            "company": invitation.company_id, "done": done})

    def _refuse(self, status):
        return render_private("customer_care.survey_gone", {"status": status}, status)

import random
from datetime import timedelta

from odoo import fields
from odoo.addons.customer_care.controllers import survey
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_doors import DoorCase
from .common_survey import SurveyCommon

HTTP = "odoo.http"


@tagged("post_install", "-at_install")
class TestSurveyPage(SurveyCommon, DoorCase):
    """Only a POST of the form answers, once, whoever opens the links and how often."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.program = cls._create_program(metric="nps", on_since=cls.now - timedelta(days=9))

    def setUp(self):
        super().setUp()
        for door in (survey.PAGE, survey.OPEN, survey.ONE_CLICK):
            door.forget()

    def _invite(self, partner=None, program=None, **values):
        """A question that has left, about a case of the partner."""
        partner = partner or self.writer
        case = self._open_case(partner)
        case.action_resolve()
        case.sudo().last_resolved_at = self.now - timedelta(days=2)
        self._ask(program or self.program, self.now)
        invitation = self._of(partner)[-1]
        self.assertEqual(invitation.state, "sent")
        if values:
            invitation.write(values)
        self.env.flush_all()
        return invitation

    def _post(self, invitation, **data):
        response = self.url_open(f"/care/ask/{invitation.token}", data=data)
        self.env.invalidate_all()
        return response

    def _entries(self, partner=None):
        return self.env["survey.user_input"].sudo().search([
            ("survey_id", "=", self.program.survey_id.id),
            ("partner_id", "=", (partner or self.writer).id)])

    def _facts(self, invitation):
        """What the figures count of it."""
        return self.env["care.feedback"].sudo().search([
            "|", ("user_input_id", "in", invitation.user_input_id.ids),
            ("rating_id", "in", invitation.rating_id.ids)])

    def test_a_scanner_opens_all_links(self):  # CC-8 "Must be shown"
        invitation = self._invite()
        base = f"/care/ask/{invitation.token}"
        for path in [base, *(f"{base}?v={value}" for value in range(11)), f"{base}?v=9&change=1",
                     f"/care/ask/stop/{invitation.id}/{invitation._get_stop_token()}"]:
            for method in ("GET", "HEAD"):
                response = self.url_open(path, method=method)
                self.assertEqual(response.status_code, 200, path)
                self.assertEqual(response.headers["Cache-Control"], "no-store")
                self.assertEqual(response.headers["X-Robots-Tag"], "noindex")
                self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.env.invalidate_all()
        self.assertEqual((invitation.state, invitation.answered_at), ("sent", False))
        self.assertFalse(self._entries())
        self.assertFalse(self.env["care.survey.stop"].sudo().search([
            ("email", "=", self.writer.email)]))
        for value in (0, 9):
            page = self.url_open(f"{base}?v={value}").text
            self.assertIn(f'value="{value}" checked="checked"', page)
            self.assertIn(f'?v={value}"', invitation.mail_id.body_html)

    def test_nought_is_an_answer_and_a_double_post_is_one(self):  # CC-8 "Must be shown"
        invitation = self._invite()
        self.assertIn("Thank you", self._post(invitation, v="0").text)
        self.assertIn("Thank you", self._post(invitation, v="0").text)
        self._post(invitation, v="9")  # somebody to whom the mail was forwarded
        self.assertEqual((invitation.state, invitation._current_value()), ("answered", 0))
        entry = self._entries()
        self.assertEqual(len(entry), 1)
        self.assertEqual((entry.state, invitation.user_input_id), ("done", entry))
        line = entry.user_input_line_ids
        self.assertEqual((line.value_scale, line.skipped), (0, False))
        facts = self._facts(invitation)
        self.assertEqual((len(facts), facts.value, facts.excluded_reason), (1, 0, False))

    def test_an_answer_may_be_changed_and_stays_one(self):  # CC-8
        invitation = self._invite()
        self._post(invitation, v="2")
        page = self.url_open(f"/care/ask/{invitation.token}?change=1").text
        self.assertIn('value="2" checked="checked"', page)
        self._post(invitation, v="9", change="1")
        self.assertEqual((len(self._entries()), invitation._current_value()), (1, 9))
        facts = self._facts(invitation)
        self.assertEqual((len(facts), facts.value), (1, 9))

    def test_the_open_question(self):  # CC-8
        invitation = self._invite()
        self._post(invitation, why="Nobody has answered yet")
        self.assertFalse(self._entries())
        self._post(invitation, v="3")
        self._post(invitation, why="Waited\x00 three days <b>!</b>")
        lines = self._entries().user_input_line_ids
        self.assertEqual(sorted(lines.mapped("display_name")), ["3", "Waited three days <b>!</b>"])
        self.assertEqual(self._facts(invitation).comment, "Waited three days <b>!</b>")

    def test_satisfaction_is_a_rating_of_the_case(self):  # CC-8: CSAT
        self.program.action_switch_off()
        program = self._create_program(metric="csat", on_since=self.now - timedelta(days=9))
        invitation = self._invite(program=program)
        case = invitation.case_id
        before = len(case.contact_ids)
        for value in ("0", "6", "2", "2"):
            self._post(invitation, v=value)
        self._post(invitation, why="The parcel was open")
        rating = case.rating_ids
        self.assertEqual((len(rating), rating.rating, rating.consumed), (1, 2, True))
        self.assertEqual((rating.feedback, rating.partner_id), ("The parcel was open", self.writer))
        self.assertEqual(rating.rated_partner_id, self.agent.partner_id)
        self.assertEqual(case.stage_kind, "resolved", "a rating opens no case")
        self.assertEqual(len(case.contact_ids), before, "a rating is no contact")
        self.assertEqual(self._facts(invitation).value, 2)

    def test_a_merged_partner_keeps_his_question(self):  # CC-8 "Must be shown"
        invitation = self._invite()
        other = self._create_asked("Survivor")
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (other | self.writer).ids, other)
        self.env.flush_all()
        self._post(invitation, v="9")
        self.assertEqual((invitation.partner_id, invitation._current_value()), (other, 9))
        self.assertEqual(len(self._entries(other)), 1)
        self.assertEqual(self._facts(invitation).partner_id, other)
        self.assertFalse(self._facts(invitation).excluded_reason)

    def test_a_test_counts_nowhere(self):  # CC-8 "Must be shown"
        manager = self._create_user(
            "survey_manager", "customer_care.group_customer_care_manager")
        self.program.with_user(manager).action_test()
        invitation = self._of(manager.partner_id)
        self.env.flush_all()
        self._post(invitation, v="0")
        self.assertEqual(invitation.user_input_id.test_entry, True)
        self.assertEqual(self._facts(invitation).excluded_reason, "test")
        self.assertEqual(self.program.asked_count, 0)

    def test_a_colleague_answers_for_nobody(self):  # CC-8: no self-rating
        invitation = self._invite()
        self.agent.sudo().password = "case_agent"
        self.authenticate("case_agent", "case_agent")
        self.assertEqual(self._post(invitation, v="10").status_code, 403)
        self.assertFalse(self._entries())
        self.authenticate(None, None)
        self.assertEqual(self._post(invitation, v="1").status_code, 200)
        self.assertEqual(invitation.answer, "1 of 10")

    def test_an_answer_on_the_surveys_own_page(self):  # CC-8
        invitation = self._invite()
        entry = self.program.survey_id._create_answer(partner=self.writer)
        entry._save_lines(self.program.question_id, "8")
        entry._mark_done()
        self.assertEqual((invitation.state, invitation.user_input_id), ("answered", entry))
        self._post(invitation, v="1")
        self.assertEqual(len(self._entries()), 1)

    def test_links_that_do_not_work(self):  # RELIABILITY §3
        invitation = self._invite()
        token = invitation.token
        for path in ("x", token[:-1], token.upper(), f"{token}0", "0" * 32, f"{token}%00",
                     "%E2%82%AC" * 32, "é" * 32, "..%2f..%2fetc"):
            self.assertIn(self.url_open(f"/care/ask/{path}").status_code, (404,), path)
            self.assertIn(
                self.url_open(f"/care/ask/{path}", data={"v": "1"}).status_code, (404,), path)
        invitation.expires_at = self.now - timedelta(days=1)
        self.env.flush_all()
        self.assertEqual(self.url_open(f"/care/ask/{token}?v=1").status_code, 410)
        self.assertEqual(self._post(invitation, v="1").status_code, 410)
        self.assertFalse(self._entries())

    def test_what_is_no_answer(self):  # RELIABILITY §3
        invitation = self._invite()
        for value in ("", "11", "-1", "1.5", "١", "nan", "9" * 300, " 9", "9\x00", "0x1"):
            self.assertEqual(self._post(invitation, v=value).status_code, 400, repr(value))
        self.assertEqual(self._post(invitation, w="1").status_code, 400)
        self.assertEqual(
            self.url_open(f"/care/ask/{invitation.token}", files={"v": ("v", b"1")}).status_code,
            400)
        self.assertFalse(self._entries())

    @mute_logger(HTTP)
    def test_too_much(self):  # RELIABILITY §3: size and rate
        invitation = self._invite()
        self.assertEqual(self._post(invitation, why="x" * 20_000).status_code, 413)
        codes = [self.url_open(f"/care/ask/{invitation.token}").status_code for _ in range(62)]
        self.assertEqual(codes[-1], 429)

    def test_no_more_surveys(self):  # RFC 8058
        invitation = self._invite()
        token = invitation._get_stop_token()
        stops = self.env["care.survey.stop"].sudo()
        path = f"/care/ask/stop/oneclick/{invitation.id}"
        self.assertEqual(self.url_open(f"{path}/{'0' * 64}", data={"a": "b"}).status_code, 404)
        response = self.url_open(
            f"{path}/{token}", data={"List-Unsubscribe": "One-Click"}, allow_redirects=False)
        self.assertEqual((response.status_code, response.text), (200, ""))
        self.assertNotIn("Set-Cookie", response.headers)
        self.url_open(f"/care/ask/stop/{invitation.id}/{token}", data={"a": "b"})
        self.env.invalidate_all()
        self.assertEqual(stops.search_count([("email", "=", self.writer.email)]), 1)
        self.assertFalse(self.env["mail.blacklist"].sudo().search(
            [("email", "=", self.writer.email)]), "other mails still reach him")
        self._settle_case(self.writer)
        self.assertEqual(self._post(invitation, v="7").status_code, 200, "he may still answer")

    def test_anybody_by_a_link(self):  # CC-8: web visit, QR code
        program = self._create_program(metric="csat", trigger="web")
        path = f"/care/ask/open/{program.token}"
        self.env.flush_all()
        self.assertEqual(self.url_open(path).status_code, 200)
        self.assertFalse(program.invitation_ids)
        self.url_open(path, data={"v": "4"})
        self.assertIn("already", self.url_open(path, data={"v": "1"}).text)
        self.env.invalidate_all()
        invitation = program.invitation_ids
        self.assertEqual((invitation.state, invitation._current_value()), ("answered", 4))
        self.assertFalse(invitation.partner_id)
        self._post(invitation, why="Nice shop")
        self.assertEqual(invitation.rating_id.feedback, "Nice shop")
        self.opener.cookies.clear()
        self.url_open(path, data={"v": "5"})
        self.env.invalidate_all()
        self.assertEqual(len(program.invitation_ids), 2)
        program.action_switch_off()
        self.env.flush_all()
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_a_link_that_is_not_saved_yet_has_refused_nobody(self):  # CC-8
        self.assertFalse(self.env["care.survey.program"].new({"trigger": "web"}).refused_told)

    def test_one_network_cannot_stuff_the_figures(self):  # CC-8, RELIABILITY §3
        program = self._create_program(metric="ces", trigger="web", network_limit=2)
        path = f"/care/ask/open/{program.token}"
        self.env.flush_all()

        def answer(value):
            self.opener.cookies.clear()
            response = self.url_open(path, data={"v": value})
            self.env.invalidate_all()
            return response

        self.assertEqual([answer("7").status_code for _ in range(4)], [200, 200, 429, 429])
        self.assertIn("Many answers came from your network", answer("7").text)
        rows = program.invitation_ids
        self.assertEqual((len(rows), len(set(rows.mapped("network")))), (2, 1))
        self.assertRegex(rows[0].network, r"^[0-9a-f]{32}$", "no address is kept")
        self.assertIn("limit of 2 answers a day 1 times", program.refused_told)
        word = program._get_network_word("203.0.113.0/24", self.now)
        self.assertNotEqual(word, program._get_network_word(
            "203.0.113.0/24", self.now + timedelta(days=1)), "nobody is followed")
        self.assertTrue(program._has_room(word), "another network is free")
        rows[0].event_at = self.now - timedelta(days=31)
        self.env.flush_all()
        program._gc_networks()
        self.env.invalidate_all()
        self.assertEqual([bool(row.network) for row in rows], [False, True])
        self.assertEqual(answer("1").status_code, 200, "there is room again")

    def test_in_the_customers_language(self):  # CC-8
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        self.program.with_context(lang="fr_FR").question = "Nous recommanderiez-vous ?"
        self.writer.lang = "fr_FR"
        invitation = self._invite()
        self.assertIn("Nous recommanderiez-vous ?", invitation.mail_id.body_html)
        self.assertEqual(invitation.mail_id.subject, "Nous recommanderiez-vous ?")
        page = self.url_open(f"/care/ask/{invitation.token}").text
        self.assertIn("Nous recommanderiez-vous ?", page)

    @mute_logger(HTTP)
    def test_malformed_requests(self):  # RELIABILITY §3: 300 requests, no 5xx
        invitation, chance = self._invite(), random.Random(7)
        web = self._create_program(metric="ces", trigger="web")
        stop = invitation._get_stop_token()
        self.env.flush_all()
        doors = [f"/care/ask/{invitation.token}", "/care/ask/", "/care/ask/open/",
                 f"/care/ask/open/{web.token}", f"/care/ask/stop/{invitation.id}/{stop}",
                 f"/care/ask/stop/{2 ** 40}/{stop}", "/care/ask/stop/-1/x",
                 f"/care/ask/stop/oneclick/{invitation.id}/", "/care/ask/stop/oneclick/0/0"]
        odd = ["", "%00", "%ff%fe", "..%2f", "é", "'--", "{{7*7}}", "9" * 900, "[]", "\u202e",
               "%0d%0a"]
        for _number in range(320):
            for door in (survey.PAGE, survey.OPEN, survey.ONE_CLICK):
                door.forget()
            path = chance.choice(doors) + chance.choice(odd)
            if chance.random() < 0.5:
                path += f"?v={chance.choice(odd)}&change={chance.choice(odd)}&v[]=1"
            data = chance.choice([None, {"v": chance.choice(odd)}, {"why": chance.choice(odd) * 9},
                                  {"v": "1", "v2": "x"}, b"\xff\x00\xfe", b"{\"jsonrpc\": 2}"])
            headers = chance.choice([
                {}, {"Content-Type": "application/json"}, {"Content-Type": "multipart/form-data"},
                {"Content-Type": "text/plain; charset=zzz"}, {"Cookie": "care_ask_x=\x01;;="}])
            method = chance.choice(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
            response = self.opener.request(
                method, self.base_url() + path, data=data, headers=headers, timeout=30,
                allow_redirects=False)
            self.assertLess(response.status_code, 500, (method, path, data, headers))
        self.env.invalidate_all()
        self.assertLessEqual(len(self._entries()), 1)

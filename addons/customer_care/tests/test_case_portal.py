from datetime import timedelta

from odoo import fields
from odoo.addons.customer_care.controllers import case_word
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCasePortal(CaseCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = cls._create_portal_user("care_writer")
        cls.case = cls._open_case(
            severity="3", channel="phone", description="<p>Shouts at everybody</p>")
        cls.note = cls.case.message_post(
            body="He is never content", subtype_xmlid="mail.mt_note",
            attachments=[("cost.txt", b"our cost")])
        cls.answer = cls.case.message_post(
            body="We send a new one", message_type="comment", subtype_xmlid="mail.mt_comment",
            attachments=[("label.txt", b"the label")])
        cls.stranger = cls._create_customer("Stranger", email="stranger@example.com")
        cls.other = cls._open_case(cls.stranger, name="The other's matter")

    def setUp(self):
        super().setUp()
        case_word.NETWORK.forget()
        case_word.CASE.forget()

    # ---- reading --------------------------------------------------------------------------------

    def test_a_customer_reads_what_his_page_shows(self):  # CC-20
        mine = self.case.with_user(self.portal_user)
        self.assertEqual(mine.name, "The grinder stopped")
        for name in ("severity", "user_id", "contact_ids", "fcr_state", "activity_ids",
                     "description", "resolver_id", "rating_ids"):
            with self.assertRaises(AccessError, msg=name):
                mine.read([name])
        with self.assertRaises(AccessError):
            mine.write({"name": "Mine"})
        with self.assertRaises(AccessError):
            mine.action_resolve()
        with self.assertRaises(AccessError):
            self.other.with_user(self.portal_user).read(["name"])

    def test_what_a_customer_may_not_read_he_cannot_guess_by_searching(self):  # CC-20
        cases = self.cases.with_user(self.portal_user).sudo(False)
        for ask in (
                lambda: cases.search_count([("severity", "=", "3")]),
                lambda: cases.search([], order="severity").ids,
                lambda: cases.formatted_read_group([], ["user_id"], ["__count"])):
            with self.assertRaises(AccessError):
                ask()

    def test_rpc_gives_no_more_than_the_page(self):  # CC-20
        self.authenticate("care_writer", "care_writer")
        for method, args in (
                ("read", [self.case.ids, ["severity"]]),
                ("write", [self.case.ids, {"name": "x"}]),
                ("search_read", [[["severity", "=", "3"]], ["name"]]),
                ("read", [self.other.ids, ["name"]]),
                ("action_resolve", [self.case.ids]), ("unlink", [self.case.ids])):
            answer = self.url_open(
                "/web/dataset/call_kw", json={"jsonrpc": "2.0", "method": "call", "params": {
                    "model": "care.case", "method": method, "args": args, "kwargs": {}}}).json()
            self.assertIn("error", answer, (method, args))

    def test_his_pages_show_his_cases_only(self):  # CC-20
        self.authenticate("care_writer", "care_writer")
        page = self.url_open("/my/cases").text
        self.assertIn("The grinder stopped", page)
        self.assertNotIn("The other", page)
        page = self.url_open(f"/my/cases/{self.case.id}").text
        self.assertIn("The grinder stopped", page)
        self.assertNotIn("never content", page)
        self.assertNotIn("Shouts", page)
        foreign = self.url_open(f"/my/cases/{self.other.id}")
        self.assertTrue(foreign.url.endswith("/my"), foreign.url)

    def test_he_finds_them_by_word_and_state(self):  # CC-20
        self.authenticate("care_writer", "care_writer")
        number = self.case.number
        for query, there in (
                (f"search={number}", True), ("search=grinder", True), ("search=tea", False),
                ("filterby=ended", False), ("filterby=open&sortby=name", True),
                ("filterby=x&sortby=severity&search=%00grinder%00", True)):
            page = self.url_open(f"/my/cases?{query}").text
            self.assertEqual(f"/my/cases/{self.case.id}" in page, there, query)

    def test_internal_notes_and_their_files_stay_inside(self):  # CC-20
        self.case.sudo()._portal_ensure_token()
        token = self.case.sudo().access_token
        for login in (None, "care_writer"):
            self.authenticate(login, login)
            said = self.url_open("/mail/chatter_fetch", json={"params": {
                "thread_model": "care.case", "thread_id": self.case.id, "token": token}}).text
            self.assertIn("We send a new one", said)
            self.assertNotIn("never content", said)
            self.assertNotIn("cost.txt", said)
            self.assertIn("label.txt", said)
            for message, words in ((self.note, "our cost"), (self.answer, "the label")):
                file = self.url_open(f"/web/content/{message.attachment_ids.id}")
                self.assertNotIn(words, file.text, "only with the key that the page gives")

    def test_a_link_opens_one_case_and_a_forged_one_none(self):  # CC-20
        (self.case | self.other).sudo().mapped(lambda case: case._portal_ensure_token())
        link = f"/my/cases/{self.case.id}?access_token="
        page = self.url_open(link + self.case.sudo().access_token).text
        self.assertIn("The grinder stopped", page)
        for forged in ("x", "é", "0" * 36, "%00", self.other.sudo().access_token):
            answer = self.url_open(link + forged)
            self.assertLess(answer.status_code, 500)
            self.assertNotIn("The grinder stopped", answer.text)

    def test_what_a_colleague_noted_is_not_shown_and_what_the_customer_wrote_is(self):  # CC-20
        self.assertFalse(self.case._tell_customer_words())
        written = self._open_case(channel="email", description="<p>My own words</p>")
        self.assertIn("My own words", written._tell_customer_words())

    # ---- his word -------------------------------------------------------------------------------

    def _click(self, what, case=None, **values):
        case = case or self.case
        page = self.url_open(f"/my/cases/{case.id}").text
        self.env.flush_all()
        answer = self.url_open(f"/my/cases/{case.id}/{what}", data={
            "csrf_token": self._token(page), **values})
        self.env.invalidate_all()
        return answer

    def _token(self, page):
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def _resolve(self):
        self.case.action_take()
        self.case.action_resolve()
        self.authenticate("care_writer", "care_writer")

    def test_a_customer_opens_his_case_again_with_a_reason(self):  # CC-20, CC-7
        self._resolve()
        self.assertIn("Open it again", self.url_open(f"/my/cases/{self.case.id}").text)
        page = self._click("reopen", reason="It stopped\nonce <b>more</b>").text
        self.assertIn("It is open again", page)
        case = self.case.sudo()
        self.assertEqual((case.stage_kind, case.reopen_count), ("open", 1))
        self.assertIn("once &lt;b&gt;more", "".join(case.message_ids.mapped("body")))
        self.assertEqual(case.contact_ids.filtered("did_reopen").partner_id, self.writer)
        told = self.env["mail.notification"].sudo().search(
            [("res_partner_id", "=", self.agent.partner_id.id)]).mail_message_id
        self.assertIn(f"Open again: {case.display_name}", told.mapped("subject"))
        self._click("reopen", reason="And again")
        self.assertEqual(case.reopen_count, 1)

    def test_even_a_polite_reason_opens_it_again(self):  # CC-20, CC-7
        self._resolve()
        self._click("reopen", reason="Thank you")
        self.assertEqual(self.case.stage_kind, "open")

    def test_too_late_to_open_again(self):  # CC-20, CC-7
        self._resolve()
        page = self.url_open(f"/my/cases/{self.case.id}").text
        self.case.sudo()._close("solved")
        self.case.sudo().closed_at = fields.Datetime.now() - timedelta(
            days=self.company.care_reopen_days + 1)
        self.env.flush_all()
        answer = self.url_open(f"/my/cases/{self.case.id}/reopen", data={
            "csrf_token": self._token(page), "reason": "Late"})
        self.env.invalidate_all()
        self.assertIn("closed too long ago", answer.text)
        self.assertNotIn("Open it again", answer.text)
        self.assertEqual(self.case.stage_kind, "closed")

    def test_what_the_customer_settles_was_resolved_by_its_agent(self):  # CC-20, CC-6
        self.case.action_take()
        self.authenticate("care_writer", "care_writer")
        self.assertIn("Thank you for telling us", self._click("settle").text)
        self.assertEqual(self.case.stage_kind, "resolved")
        self.assertEqual(self.case.sudo().resolver_id, self.agent)

    def test_what_the_customer_settles_waits_for_its_file(self):  # CC-20, CC-4
        self.company.sudo().care_complaint_complete = True
        case = self.case.sudo()
        case.kind = "complaint"
        self.case.action_take()
        self.authenticate("care_writer", "care_writer")
        page = self.url_open("/my/cases/new").text
        for _twice in range(2):
            self.env.flush_all()
            answer = self.url_open(f"/my/cases/{case.id}/settle", data={
                "csrf_token": self._token(page)})
            self.env.invalidate_all()
            self.assertEqual(answer.status_code, 200)
            self.assertIn("Thank you for telling us", answer.text)
        self.assertEqual((case.stage_kind, case.acceptance), ("open", "accepted"))
        self.assertTrue(case.acceptance_on)
        self.assertEqual(case.activity_ids.user_id, self.agent)
        self.assertIn("the root cause", case.activity_ids.note)
        said = case.message_ids.filtered(lambda m: "says that this is settled" in m.body)
        self.assertEqual(said.author_id, self.writer)
        self.assertNotIn("o_care_settle", answer.text, "he has said so")

    def test_what_nobody_has_is_asked_of_the_team(self):  # CC-20, CC-4
        self.company.sudo().care_complaint_complete = True
        case = self.case.sudo()
        case.kind = "complaint"
        self.authenticate("care_writer", "care_writer")
        self._click("settle")
        self.assertEqual(case.acceptance, "accepted")
        self.assertTrue(case.activity_ids)

    def test_one_rating_and_a_second_thought(self):  # CC-20, CC-8
        self._resolve()
        self._click("rate", value="2", words="Slow")
        self._click("rate", value="4", words="Came after all")
        ratings = self.env["rating.rating"].sudo().search([
            ("res_model", "=", "care.case"), ("res_id", "=", self.case.id)])
        self.assertEqual(ratings.mapped("rating"), [4.0])
        self.assertEqual(ratings.rated_partner_id, self.agent.partner_id)
        facts = self.env["care.feedback"].sudo().search([("case_id", "=", self.case.id)])
        self.assertEqual(
            [(fact.metric, fact.value, fact.comment, fact.user_id) for fact in facts],
            [("csat", 4, "Came after all", self.agent)])
        self.assertEqual(self.case.stage_kind, "resolved")
        self.assertFalse(self.case.sudo().reopen_count)

    def test_only_what_is_settled_is_rated_and_only_from_one_to_five(self):  # CC-20, CC-8
        self.authenticate("care_writer", "care_writer")
        page = self.url_open("/my/cases/new").text
        for value in ("5", "0", "6", "x", ""):
            self.url_open(f"/my/cases/{self.case.id}/rate", data={
                "csrf_token": self._token(page), "value": value})
            self.env.invalidate_all()
            self.case.action_resolve()
            self.env.flush_all()
            if value == "5":
                self.assertFalse(self._find_ratings())
        self.assertFalse(self._find_ratings())

    def _find_ratings(self):
        return self.env["rating.rating"].sudo().search([
            ("res_model", "=", "care.case"), ("res_id", "=", self.case.id)])

    def test_a_link_without_an_account_rates_for_the_customer(self):  # CC-20, CC-8
        self._resolve()
        self.authenticate(None, None)
        token = self.case.sudo()._portal_ensure_token()
        self.env.flush_all()
        page = self.url_open(f"/my/cases/{self.case.id}?access_token={token}").text
        self.url_open(f"/my/cases/{self.case.id}/rate", data={
            "csrf_token": self._token(page), "access_token": token, "value": "5"})
        self.env.invalidate_all()
        self.assertEqual(self._find_ratings().partner_id, self.writer)

    def test_a_colleague_says_nothing_for_the_customer(self):  # CC-20
        self._resolve()
        self.agent.sudo().password = "case_agent"
        self.authenticate("case_agent", "case_agent")
        page = self.url_open(f"/my/cases/{self.case.id}").text
        self.assertIn("You see the page of a customer", page)
        page = self.url_open("/my/cases/new").text
        for what in ("reopen", "rate"):
            self.url_open(f"/my/cases/{self.case.id}/{what}", data={
                "csrf_token": self._token(page), "value": "5", "reason": "x"})
        self.env.invalidate_all()
        self.assertEqual(self.case.stage_kind, "resolved")
        self.assertFalse(self._find_ratings())

    def test_looking_changes_nothing_nor_does_a_forged_form(self):  # CC-20
        self.case.action_take()
        self.authenticate("care_writer", "care_writer")
        for what in ("settle", "reopen", "rate"):
            address = f"/my/cases/{self.case.id}/{what}"
            self.assertGreaterEqual(self.url_open(address).status_code, 400)
            self.assertEqual(self.url_open(address, data={"value": "1"}).status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.case.stage_kind, "open")

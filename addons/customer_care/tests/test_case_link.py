from datetime import timedelta

from odoo.addons.customer_care.controllers import case_word
from odoo.tests import tagged

from .common_case import CaseCommon
from .common_doors import DoorCase


@tagged("post_install", "-at_install")
class TestCaseLink(CaseCommon, DoorCase):
    """The link of a case: whoever holds it sees the case, and nobody else learns of it."""

    def setUp(self):
        super().setUp()
        self._forget()
        self.case = self._open_case()
        self.token = self.case.sudo()._portal_ensure_token()
        self.env.flush_all()

    def _open(self):
        return self.url_open(f"/my/cases/{self.case.id}?access_token={self.token}")

    def test_the_link_is_kept_nowhere_and_told_to_nobody(self):  # CC-20
        answer = self._open()
        self.assertIn("The grinder stopped", answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer.headers["X-Robots-Tag"], "noindex")

    # ---- how often a link may speak -------------------------------------------------------------

    def _forget(self):
        case_word.NETWORK.forget()
        case_word.CASE.forget()

    def _csrf(self):
        return self._open().text.split('name="csrf_token" value="')[1].split('"')[0]

    def _post(self, what, csrf, **values):
        return self.url_open(f"/my/cases/{self.case.id}/{what}", data={
            "csrf_token": csrf, "access_token": self.token, **values})

    def _settle_and_reopen(self, csrf):
        self.case.sudo()._settle_by_customer(self.writer)
        self.env.flush_all()
        answer = self._post("reopen", csrf, reason="It stopped again")
        self.env.invalidate_all()
        return answer

    def test_a_link_that_posts_again_and_again_is_slowed_down(self):  # CC-20
        csrf = self._csrf()
        for what in ("reopen", "settle", "rate"):
            self._forget()
            codes = [self._post(what, csrf).status_code for _time in range(12)]
            self.assertEqual((codes[0], codes[-1]), (200, 429), what)

    def test_guessed_links_of_many_cases_are_slowed_down_by_their_network(self):  # CC-20
        csrf = self._csrf()
        codes = [self.url_open(f"/my/cases/{2 ** 30 + number}/settle", data={
            "csrf_token": csrf}).status_code for number in range(32)]
        self.assertEqual(codes[-1], 429)

    def test_a_case_is_opened_again_five_times_a_day_and_once_more_tomorrow(self):  # CC-7, CC-20
        csrf = self._csrf()
        for _time in range(5):
            self.assertEqual(self._settle_and_reopen(csrf).status_code, 200)
        self.assertEqual(self.case.reopen_count, 5)
        messages = self.case.message_ids
        self._forget()
        self.assertEqual(self._settle_and_reopen(csrf).status_code, 429)
        self.assertEqual((self.case.reopen_count, self.case.stage_kind), (5, "resolved"))
        told = (self.case.message_ids - messages).filtered("author_id")
        self.assertNotIn("It stopped again", "".join(told.mapped("body")))
        self.assertNotIn("It is not settled", self._open().text)
        for contact in self.case.sudo().contact_ids:
            contact.at -= timedelta(days=1, seconds=1)
        self.env.flush_all()
        self.assertEqual(self._post("reopen", csrf, reason="Once more").status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(self.case.reopen_count, 6)

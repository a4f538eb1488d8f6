import re
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestUnsubscribe(HttpCase, ScenarioCase):
    """Leaving: by one click of the mail program (RFC 8058), by the link in the mail after a
    question, and never by merely looking."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        scenario = cls._create_scenario(cls._welcome_steps())
        cls._let_in(scenario)
        cls.env.flush_all()
        cls.env["nurture.enrolment"]._advance_batch(fields.Datetime.now() + timedelta(minutes=1))
        cls.env.invalidate_all()

    def setUp(self):
        super().setUp()
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue()
            self.mail = self._mails[0]
        self.one_click = self._path(self.mail["headers"]["List-Unsubscribe"].strip("<>"))
        self.link = self._path(
            re.search(r'href="([^"]*confirm_unsubscribe[^"]*)"', self.mail["body"]).group(1)
        )

    def _path(self, url):
        parts = urlsplit(url.replace("&amp;", "&"))
        return f"{parts.path}?{parts.query}"

    def _has_left(self):
        self.env.invalidate_all()
        return bool(self.env["mail.blacklist"].search([("email", "=", "ann@pumps.test")]))

    def test_one_click_of_the_mail_program(self):  # LN-33
        """A POST without a cookie, an answer without a redirect; then the journey ends."""
        self.assertEqual(
            self.mail["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click"
        )
        self.assertIn(self.url_open(self.one_click).status_code, (404, 405), "not by GET")
        self.assertFalse(self._has_left())
        answer = self.url_open(
            self.one_click, data={"List-Unsubscribe": "One-Click"}, allow_redirects=False
        )
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(self._has_left())
        self._advance()
        self._advance(self._later(days=4))
        self.assertLeft(self.lead, "opted_out")

    def test_looking_does_not_opt_out(self):  # RELIABILITY
        plain = self.link.replace("confirm_unsubscribe", "unsubscribe")
        for path in (self.link, plain):
            page = self.url_open(path)
            self.assertEqual(page.status_code, 200)
            self.assertIn("Are you sure", page.text)
            self.assertFalse(self._has_left())

    def test_the_page_asks_and_then_does_it(self):  # LN-33
        form = dict(
            re.findall(r'name="(\w+)" value="([^"]*)"', self.url_open(self.link).text)
        )
        form = {name: value.replace("&amp;", "&") for name, value in form.items()}
        self.url_open("/mailing/confirm_unsubscribe", data=form)
        self.assertTrue(self._has_left())
        page = self.url_open(self.link.replace("confirm_unsubscribe", "unsubscribe"))
        self.assertNotIn("Are you sure", page.text, "who has left sees his subscriptions")

    def test_a_forged_link_says_nothing(self):  # RELIABILITY
        plain = self.link.replace("confirm_unsubscribe", "unsubscribe")
        forged = re.sub(r"hash_token=\w{4}", "hash_token=0000", plain)
        self.assertNotEqual(self.url_open(forged).status_code, 200)
        self.url_open(re.sub(r"hash_token=\w{4}", "hash_token=0000", self.one_click), data={"a": 1})
        self.assertFalse(self._has_left())

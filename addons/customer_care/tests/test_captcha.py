"""The public form with core's own reCAPTCHA and Turnstile; only their servers are played."""
import time
from unittest.mock import Mock, patch

from odoo.addons.customer_care.controllers import contact_form
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import hmac

from .common_case import CaseCommon

#: module: (its secret's parameter, the field of its token, where it asks)
CAPTCHAS = {
    "google_recaptcha": (
        "recaptcha_private_key", "recaptcha_token_response", "www.recaptcha.net"),
    "website_cf_turnstile": (
        "cf.turnstile_secret_key", "turnstile_captcha", "challenges.cloudflare.com"),
}


class CaptchaCase(CaseCommon, HttpCase):

    def setUp(self):
        super().setUp()
        contact_form.LOOK.forget()
        contact_form.WRITE.forget()
        self.team.form_open = True
        self.company.sudo().care_frame_origins = "https://shop.example.com"
        self.env.flush_all()
        self.address = f"/care/contact/{self.team.form_key}"

    def _send(self, path="", **values):
        page = self.url_open(self.address).text
        moment = int(time.time()) - 60
        stamp = hmac(self.env(su=True), "customer_care-contact-form", (self.team.id, moment))
        return self.url_open(self.address + path, data={
            "csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0],
            "stamp": f"{moment}-{stamp}", "name": "Lan", "email": "lan@example.com",
            "subject": "The beans are wet", "message": "All of them.", **values})

    def _cases(self):
        self.env.invalidate_all()
        return self.cases.search([("team_id", "=", self.team.id), ("channel", "=", "web")])


@tagged("post_install", "-at_install")
class TestCaptcha(CaptchaCase):

    def test_the_public_form_asks_for_the_captcha_that_is_set_up(self):  # CC-3
        """Last of all, so that nobody is asked for nothing; what was typed is not lost."""
        asked = []

        def refuse(_self, action):
            asked.append(action)
            raise UserError("Suspicious activity")

        for path in ("", "/frame"):
            self.assertIn('data-captcha="care_contact"', self.url_open(self.address + path).text)
        with patch.object(
                self.env.registry["ir.http"], "_verify_request_recaptcha_token", refuse):
            self._send(subject="")
            self.assertEqual(asked, [])
            for path in ("", "/frame"):
                answer = self._send(path)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("Suspicious activity", answer.text)
                self.assertIn("All of them.", answer.text)
        self.assertEqual(asked, ["care_contact"] * 2)
        self.assertFalse(self._cases())


class RealCaptcha:
    """The module itself, installed: its keys are set, its server's answers are played."""

    needs_module = None

    def setUp(self):
        super().setUp()
        secret, self.token, self.host = CAPTCHAS[self.needs_module]
        self.env["ir.config_parameter"].sudo().set_param(secret, "a secret")
        self.env["ir.config_parameter"].sudo().set_param("recaptcha_min_score", "0.5")

    def _try(self, token, answer, path=""):
        """Send the form with a token, of which the captcha's server says so."""
        asked = []

        def post(url, data, timeout):
            asked.append(data["response"])
            self.assertIn(self.host, url)
            return Mock(json=lambda: answer)

        where = f"odoo.addons.{self.needs_module}.models.ir_http"
        with patch(f"{where}.requests.post", post), mute_logger(where):
            page = self._send(path, **{self.token: token})
        self.assertEqual(asked, [token])
        return page

    def test_a_person_gets_a_number_and_a_robot_an_answer(self):  # CC-3
        human = {"success": True, "score": 0.9, "action": "care_contact"}
        for answer in (
                {"success": False, "error-codes": ["invalid-input-response"]},
                {"success": False, "error-codes": ["timeout-or-duplicate"]},
                human | {"action": "login"}):
            page = self._try("robot", answer)
            self.assertEqual(page.status_code, 200)
            self.assertIn("All of them.", page.text, "he may try again")
            self.assertFalse(self._cases())
        self.assertIn("number", self._try("person", human).text)
        self.assertEqual(len(self._cases()), 1)
        self._try("person", human, "/frame")
        self.assertEqual(len(self._cases()), 1, "the same text is the same case")

    def test_without_keys_nobody_is_asked(self):  # CC-3
        self.env["ir.config_parameter"].sudo().set_param(CAPTCHAS[self.needs_module][0], False)
        self._send()
        self.assertEqual(len(self._cases()), 1)


@tagged("post_install", "-at_install")
class TestRecaptcha(RealCaptcha, CaptchaCase):
    needs_module = "google_recaptcha"


@tagged("post_install", "-at_install")
class TestTurnstile(RealCaptcha, CaptchaCase):
    needs_module = "website_cf_turnstile"

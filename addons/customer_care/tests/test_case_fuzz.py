import random

from odoo.addons.customer_care.controllers import case_new, case_word, contact_form
from odoo.tests import HttpCase, tagged

from .common_case import CaseCommon

#: Requests in all; the same ones each time.
REQUESTS = 320
NASTY = (
    "", "x", "é", "\x00", "a\x00b", "%", "'; DROP TABLE care_case; --", "<script>alert(1)</script>",
    "9" * 40, "-1", "0", str(2 ** 31), str(2 ** 63), "1e9", "None", "[]", "{}", "{{7*7}}", "${7*7}",
    "\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe\xfd", "😀" * 50, "a" * 5000, "../../etc",
    "\r\nSet-Cookie: a=b", "٣", "NaN",
)


@tagged("post_install", "-at_install")
class TestCaseFuzz(CaseCommon, HttpCase):
    """Whatever is sent to the pages of customers, they answer, and nothing happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_portal_user("care_writer")
        cls.team.form_open = True
        cls.case = cls._open_case()
        cls.case.sudo()._portal_ensure_token()

    def test_no_request_breaks_a_page(self):  # CC-3, CC-20
        dice = random.Random(20)
        with self.assertNoLogs("odoo.http", "ERROR"), self.assertNoLogs("odoo.sql_db", "ERROR"):
            for login in (None, "care_writer"):
                self.authenticate(login, login)
                token = self._token()
                for _turn in range(REQUESTS // 2):
                    self._send(dice, token)
        self.env.invalidate_all()
        self.assertEqual((self.case.name, self.case.stage_kind), ("The grinder stopped", "new"))

    def _token(self):
        page = self.url_open(f"/care/contact/{self.team.form_key}").text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def _send(self, dice, token):
        contact_form.LOOK.forget()
        contact_form.WRITE.forget()
        case_new.WRITE.forget()
        case_word.NETWORK.forget()
        case_word.CASE.forget()
        one = f"/my/cases/{dice.choice([self.case.id, 0, 2 ** 31, 10 ** 30, 'x'])}"
        path = dice.choice([
            "/my/cases", "/my/cases/new", one, f"{one}/reopen", f"{one}/settle", f"{one}/rate",
            f"/my/cases/page/{dice.choice([0, 7, 10 ** 20])}", "/care/contact",
            f"/care/contact/{self.team.form_key}", "/care/contact/0000", "/care/contact/é%00"])
        names = ("access_token", "reason", "value", "words", "said", "search", "sortby", "filterby",
                 "pid", "hash", "subject", "message", "email", "stamp", "category_id", "line_id",
                 "website")
        values = {name: dice.choice(NASTY) for name in dice.sample(names, 5)}
        method = dice.choice(["GET", "POST", "POST", "PUT", "HEAD", "DELETE", "OPTIONS"])
        data = values if dice.random() < 0.5 else values | {"csrf_token": token}
        if "/settle" in path or "/reopen" in path:
            data.pop("csrf_token", None)  # with it a customer's word is his word
        files = {"files": (dice.choice(["", "a.png", "a\x00.exe", "../x.pdf"]), b"\x00" * 9)}
        answer = self.opener.request(
            method, self.base_url() + path, timeout=20, allow_redirects=False,
            params=values if method in ("GET", "HEAD") else None,
            data=None if method in ("GET", "HEAD") else data,
            files=files if method == "POST" and dice.random() < 0.3 else None)
        self.assertLess(answer.status_code, 500, (method, path, values))
        self.assertNotIn("Set-Cookie: a=b", answer.text)

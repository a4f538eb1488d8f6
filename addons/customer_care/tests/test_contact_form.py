import time
from urllib.parse import urlsplit

from odoo import Command
from odoo.addons.customer_care.controllers import contact_form
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools.misc import hmac

from .common_case import CaseCommon
from .common_doors import DoorCase

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 40


@tagged("post_install", "-at_install")
class TestContactForm(CaseCommon, DoorCase):

    def setUp(self):
        super().setUp()
        contact_form.LOOK.forget()
        contact_form.WRITE.forget()
        self.team.form_open = True
        self.address = f"/care/contact/{self.team.form_key}"

    def _send(self, files=None, age=60, **values):
        page = self.url_open(self.address).text
        moment = int(time.time()) - age
        stamp = hmac(self.env(su=True), "customer_care-contact-form", (self.team.id, moment))
        return self.url_open(self.address, data={
            "csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0],
            "stamp": f"{moment}-{stamp}", "name": "Lan", "email": "lan@example.com",
            "subject": "The beans are wet", "message": "All of them.", **values}, files=files)

    def _cases(self):
        self.env.invalidate_all()
        return self.cases.search([("team_id", "=", self.team.id), ("channel", "=", "web")])

    def test_a_stranger_gets_a_number(self):  # CC-3
        answer = self._send(files=[("files", ("wet.png", PNG, "image/png"))])
        case = self._cases()
        self.assertEqual(len(case), 1)
        self.assertIn(case.number, answer.text)
        self.assertEqual(case.partner_id.email_normalized, "lan@example.com")
        self.assertEqual(case.message_ids.attachment_ids.mapped("name"), ["wet.png"])
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])

    def test_an_error_stands_at_its_field_and_nothing_is_lost(self):  # CC-3
        answer = self._send(email="lan at home", message="All <b>of</b> them.").text
        self.assertIn("This is no e-mail address", answer)
        self.assertIn("All &lt;b&gt;of&lt;/b&gt; them.", answer)
        self.assertFalse(self._cases())

    def test_the_same_text_twice_is_one_case(self):  # CC-3
        self._send()
        self.assertIn(self._cases().number, self._send().text)
        self.assertEqual(len(self._cases()), 1)

    def test_robots_open_nothing(self):  # CC-3
        self._send(website="http://spam.example")
        self._send(age=0)
        self._send(age=30 * 3600)
        self._send(stamp="1234567890-" + "0" * 64)
        self._send(message="http://a http://b http://c http://d http://e")
        self.assertFalse(self._cases())

    def test_a_program_named_as_a_picture_is_refused(self):  # CC-3
        program = b"MZ\x90\x00" + b"\x00" * 60
        answer = self._send(files=[("files", ("me.png", program, "image/png"))])
        self.assertIn("Only pictures, PDF", answer.text)
        self.assertFalse(self._cases())

    def test_a_flood_is_slowed_down(self):  # CC-3
        answers = [self.url_open(self.address, data={"name": "x"}).status_code
                   for _time in range(12)]
        self.assertIn(429, [*answers, *(
            self._send(subject=f"Nr {number}").status_code for number in range(12))])

    def test_the_only_form_needs_no_key(self):  # CC-3
        teams = self.env["care.team"].sudo()
        (teams.search([("form_open", "=", True)]) - self.team).form_open = False
        self.env.flush_all()
        page = self.url_open("/care/contact")
        self.assertEqual(page.status_code, 200)
        self.assertIn("Beans Service", page.text)
        for name in ("name", "email", "phone", "order", "product", "subject", "message", "files"):
            self.assertRegex(page.text, rf'<(input|textarea)[^>]* name="{name}"')
        self.team.copy({"name": "Second", "alias_name": "second-service"}).form_open = True
        self.env.flush_all()
        self.assertEqual(self.url_open("/care/contact").status_code, 404)

    def test_the_customer_is_told_the_number_and_sees_his_files(self):  # CC-3
        self._send(files=[("files", ("wet.png", PNG, "image/png"))], product="The green beans")
        case = self._cases()
        first = case.message_ids.filtered("attachment_ids")
        self.assertEqual(
            (first.subtype_id, first.author_id),
            (self.env.ref("mail.mt_comment"), case.partner_id))
        self.assertIn("The green beans", first.body)
        self.assertTrue(case.confirmed_at)

    def test_an_order_is_known_by_its_number_only_to_whom_it_belongs(self):  # CC-3
        beans = self.env["product.product"].sudo().create({"name": "Beans"})
        order = self.env["sale.order"].sudo().create({
            "partner_id": self.writer.id, "company_id": self.company.id,
            "order_line": [Command.create({"product_id": beans.id})]})
        self._send(order=order.name)
        self.assertFalse(self._cases().order_id)
        self._send(order=order.name.lower(), email="writer@example.com")
        self.assertEqual(self._cases().order_id, order)
        self.assertEqual(self._cases().filtered("order_id").partner_id, self.writer)

    def test_a_team_says_what_it_may_be_about(self):  # CC-3
        shown, hidden = self.env["care.category"].sudo().create([
            {"name": name, "company_id": self.company.id} for name in ("Wet beans", "Burnt")])
        self.assertIn("Burnt", self.url_open(self.address).text)
        self.team.form_category_ids = shown
        self.env.flush_all()
        self.assertNotIn("Burnt", self.url_open(self.address).text)
        self._send(category_id=hidden.id)
        self.assertFalse(self._cases().category_id)

    def test_the_text_for_a_site_leads_to_the_form(self):  # CC-3
        self.assertIn(f'href="{self.team.form_url}"', self.team.form_link)

    # ---- in a frame of another site -------------------------------------------------------------

    def _open_frame(self, sites="https://shop.example.com/\nhttps://*.example.org"):
        self.company.sudo().care_frame_origins = sites
        self.env.flush_all()
        return f"{self.address}/frame"

    def _send_framed(self, headers=None, cookies=False, **values):
        """What a browser sends from a frame of another site: it keeps our cookie to itself."""
        moment = int(time.time()) - 60
        stamp = hmac(self.env(su=True), "customer_care-contact-form", (self.team.id, moment))
        if not cookies:
            self.opener.cookies.clear()
        return self.url_open(f"{self.address}/frame", headers=headers, data={
            "stamp": f"{moment}-{stamp}", "name": "Lan", "email": "lan@example.com",
            "subject": "The beans are wet", "message": "All of them.", **values})

    def test_only_sites_that_are_named_show_the_form(self):  # CC-3
        self.assertEqual(self.url_open(f"{self.address}/frame").status_code, 404)
        self.assertEqual(self._send_framed().status_code, 404)
        self.assertFalse(self.team.form_frame)
        page = self.url_open(self._open_frame())
        self.assertEqual(page.status_code, 200)
        self.assertEqual(
            page.headers["Content-Security-Policy"],
            "frame-ancestors 'self' https://shop.example.com https://*.example.org")
        self.assertNotIn("X-Frame-Options", page.headers)
        self.assertNotIn("session_id", page.headers.get("Set-Cookie", ""))
        self.assertNotIn('name="csrf_token"', page.text)
        for part in ("<header", "<footer"):
            self.assertNotIn(part, page.text)
        self.assertEqual(
            self.url_open(self.address).headers["Content-Security-Policy"],
            "frame-ancestors 'self'", "the page of its own stands in no other site's frame")
        self.assertIn(f'src="{self.team.form_url}/frame"', self.team.form_frame)

    def test_the_frame_is_as_tall_as_its_form_says(self):  # CC-3
        height = "/customer_care/static/frame/height.js"
        framed = self.url_open(self._open_frame())
        self.assertIn(height, framed.text)
        self.assertNotIn("data-answer", framed.text)
        self.assertNotIn(height, self.url_open(self.address).text, "nobody is around the page")
        self.assertIn("data-answer", self._send_framed(email="nobody").text)
        site = urlsplit(self.team.form_url)
        self.assertIn(f'event.origin !== "{site.scheme}://{site.netloc}"', self.team.form_frame)
        self.assertIn("event.source !== frame.contentWindow", self.team.form_frame)

    def test_a_stranger_writes_from_a_frame(self):  # CC-3
        self._open_frame()
        answer = self._send_framed(headers={"Sec-Fetch-Site": "same-origin"})
        self.assertIn(self._cases().number, answer.text)
        self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))
        self.assertIn("frame-ancestors 'self' https://shop", str(answer.headers))

    def test_what_another_page_sends_in_its_visitors_name_opens_nothing(self):  # CC-3
        self._open_frame()
        for site in ("cross-site", "same-site", "none"):
            self.assertEqual(
                self._send_framed(headers={"Sec-Fetch-Site": site}).status_code, 403)
        self._send_framed(stamp="1234567890-" + "0" * 64)
        self._send_framed(website="http://spam.example")
        self.assertFalse(self._cases())

    def test_who_is_logged_in_is_a_stranger_in_a_frame(self):  # CC-3
        self._create_portal_user("frame_writer")
        self._open_frame()
        self.authenticate("frame_writer", "frame_writer")
        self.assertEqual(self._send_framed(cookies=True).status_code, 200)
        self.assertEqual(self._cases().partner_id.email_normalized, "lan@example.com")

    def test_a_site_is_scheme_and_host(self):  # CC-3
        for wrong in ("*", "shop.example.com", "https://shop.example.com/contact",
                      "https://a.example; script-src *", "https://a.example\n'none'"):
            with self.assertRaises(ValidationError):
                self.company.sudo().care_frame_origins = wrong

    def test_settings_hand_out_the_code(self):  # CC-3, ALL-3
        settings = self.env["res.config.settings"].sudo().with_company(self.company).new({})
        self.env["care.team"].sudo().search([
            ("company_id", "=", self.company.id), ("id", "!=", self.team.id)]).form_open = False
        self.assertEqual(settings.care_form_team, "Beans Service")
        self.team.name = 'Beans "and" <more>'
        self.assertIn('title="Beans &#34;and&#34; &lt;more&gt;"', self.team._get_form_frame())

    def test_a_closed_form_is_nowhere(self):  # CC-3
        self.team.form_open = False
        self.assertEqual(self.url_open(self.address).status_code, 404)
        self.assertEqual(self.url_open("/care/contact/é%00").status_code, 404)

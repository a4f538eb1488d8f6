from odoo import Command
from odoo.addons.customer_care.controllers import case_new
from odoo.tests import tagged

from .common_case import CaseCommon
from .common_doors import DoorCase

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 40


@tagged("post_install", "-at_install")
class TestCaseNew(CaseCommon, DoorCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_portal_user("care_writer")
        cls.beans = cls.env["product.product"].sudo().create({"name": "Beans of the hill"})
        cls.line = cls._order(cls.writer)
        cls.foreign = cls._order(cls._create_customer("Stranger", email="stranger@example.com"))

    def setUp(self):
        super().setUp()
        case_new.WRITE.forget()
        self.authenticate("care_writer", "care_writer")

    @classmethod
    def _order(cls, partner):
        order = cls.env["sale.order"].sudo().create({
            "partner_id": partner.id, "company_id": cls.company.id,
            "order_line": [Command.create({"product_id": cls.beans.id})]})
        order.action_confirm()
        return order.order_line

    def _send(self, files=None, **values):
        page = self.url_open("/my/cases/new").text
        self.env.flush_all()
        answer = self.url_open("/my/cases/new", data={
            "csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0],
            "subject": "The beans are wet", "message": "All of\nthem.", **values}, files=files)
        self.env.invalidate_all()
        return answer

    def _cases(self):
        return self.cases.search([("partner_id", "=", self.writer.id)])

    def test_a_case_about_something_that_was_ordered(self):  # CC-3, CC-20
        page = self.url_open("/my/cases/new").text
        self.assertRegex(page, '<textarea[^>]* id="message"')
        self.assertIn(self.line.order_id.name, page)
        self.assertNotIn(self.foreign.order_id.name, page)
        answer = self._send(
            files=[("files", ("wet.png", PNG, "image/png"))], line_id=self.line.id)
        case = self._cases()
        self.assertIn(f"/my/cases/{case.id}", answer.url)
        self.assertIn(case.number, answer.text)
        self.assertEqual(
            (case.channel, case.team_id, case.product_id, case.order_line_id, case.order_id),
            ("portal", self.team, self.beans, self.line, self.line.order_id))
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])
        first = case.message_ids.filtered("attachment_ids")
        self.assertEqual(first.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertEqual(first.author_id, self.writer)
        self.assertEqual(case.stage_kind, "new")
        self.assertFalse(case.first_response_at)

    def test_another_ones_order_is_not_taken(self):  # CC-20
        self._send(line_id=self.foreign.id)
        self.assertFalse(self._cases().order_line_id)

    def test_sent_twice_is_one_case(self):  # CC-20
        self._send()
        self._send()
        self.assertEqual(len(self._cases()), 1)

    def test_an_error_stands_at_its_field_and_nothing_is_lost(self):  # CC-20
        answer = self._send(message="", line_id=self.line.id).text
        self.assertIn('id="message_wrong"', answer)
        self.assertIn("The beans are wet", answer)
        self.assertRegex(answer, rf'value="{self.line.id}"\s+selected="selected"')
        answer = self._send(files=[("files", ("me.png", b"MZ" + b"\x00" * 60, "image/png"))])
        self.assertIn("Only pictures, PDF", answer.text)
        self.assertFalse(self._cases())

    def test_a_category_leads_to_its_team(self):  # CC-3
        other = self.team.copy({"name": "Machines", "alias_name": "machines-service"})
        category = self.env["care.category"].sudo().create({
            "name": "Machines", "company_id": self.company.id, "team_id": other.id})
        self._send(category_id=category.id)
        self.assertEqual(self._cases().team_id, other)
        self.assertEqual(self._cases().category_id, category)

    def test_a_flood_is_slowed_down(self):  # CC-3
        codes = [self._send(subject=f"Nr {number}", message="").status_code
                 for number in range(12)]
        self.assertEqual(codes[-1], 429)

    def test_without_a_form_of_ours_nothing_is_opened(self):  # CC-20
        self.assertEqual(self.url_open("/my/cases/new", data={
            "subject": "x", "message": "y"}).status_code, 400)
        self.assertFalse(self._cases())

"""A call becomes a case while the customer speaks (CC-3)."""
from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_care.models import res_partner_case
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCasePhone(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grinder = cls.env["product.product"].create({"name": "Grinder G1"})
        cls.shop = cls._create_customer(
            "Corner Café", is_company=True, phone="+84 901 234 567", email="shop@corner.example")
        cls.lan = cls._create_customer(
            "Lan", parent_id=cls.shop.id, phone="0912.345.678", email="lan@corner.example")
        cls.order = cls.env["sale.order"].sudo().create({
            "partner_id": cls.shop.id, "company_id": cls.company.id,
            "order_line": [Command.create({"product_id": cls.grinder.id, "product_uom_qty": 2})]})
        cls.order.action_confirm()
        cls.desk = cls.cases.with_user(cls.agent).sudo(False)

    def _found(self, term):
        return [caller["id"] for caller in self.desk.phone_search(term)["callers"]]

    def test_any_form_of_the_number_finds_the_caller(self):  # CC-3
        for term in ("0901234567", "+84 (901) 234-567", "0084901234567", "901 234 567", "234567"):
            self.assertEqual(self._found(term)[:1], self.shop.ids, term)
        self.assertNotIn(self.shop.id, self._found("0801 234 567"))
        self.assertEqual(self._found("12"), [], "two digits are everybody's")

    def test_of_many_with_one_number_the_firm_comes_first(self):  # CC-3
        firm = self._create_customer("Mill", is_company=True)
        person, _colleague = (
            self._create_customer(name, parent_id=firm.id, phone="0977 123 456")
            for name in ("An", "Binh"))
        self.env.flush_all()
        firm.phone = "0977 123 456"
        with patch.object(res_partner_case, "CANDIDATES", 2):
            self.assertEqual(self._found("0977123456"), [firm.id, person.id])

    def test_name_address_order_and_case_find_the_caller(self):  # CC-3
        case = self._open_case(self.lan)
        self.assertIn(self.lan.id, self._found("LAN@corner.example"))
        self.assertIn(self.shop.id, self._found("corner caf"))
        self.assertEqual(self._found(self.order.name), self.shop.ids)
        self.assertEqual(self._found(case.number.lower()), self.lan.ids)

    def test_the_agent_sees_goods_and_open_cases_of_the_whole_customer(self):  # CC-3
        case = self._open_case(self.shop, name="Steam leaks")
        known = self.desk.phone_search("0912345678")["known"]
        self.assertEqual(known["id"], self.lan.id)
        self.assertEqual(known["lines"][0]["id"], self.order.order_line.id)
        self.assertEqual([row["res_id"] for row in known["cases"]], case.ids)

    def test_a_call_is_a_case_of_the_agent(self):  # CC-3
        told = self.desk.phone_create({
            "partner_id": self.lan.id, "text": "The grinder stopped\nSince this morning",
            "severity": "3", "order_line_id": self.order.order_line.id})
        case = self.cases.browse(told["id"])
        self.assertEqual(case.name, "The grinder stopped")
        self.assertIn("Since this morning", case.description)
        self.assertEqual((case.user_id, case.channel, case.severity), (self.agent, "phone", "3"))
        self.assertEqual((case.product_id, case.order_id), (self.grinder, self.order))
        self.assertEqual(case.stage_kind, "open")
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])
        self.assertFalse(told["settled"])

    def test_resolved_during_the_call(self):  # CC-3, CC-6
        told = self.desk.phone_create(
            {"partner_id": self.lan.id, "text": "Where is my invoice?", "resolved": True})
        case = self.cases.browse(told["id"])
        self.assertTrue(told["settled"])
        self.assertEqual((case.stage_kind, case.resolver_id), ("resolved", self.agent))
        self.assertTrue(case.first_response_at, "he was spoken to at once")

    def test_a_new_caller(self):  # CC-3
        told = self.desk.phone_create(
            {"partner_name": "Minh", "phone": "0999 000 111", "text": "Do you repair?"})
        case = self.cases.browse(told["id"])
        self.assertFalse(case.partner_id)
        self.assertEqual((case.partner_name, case.phone), ("Minh", "0999 000 111"))
        self.assertEqual(case.who, "Minh")
        case.with_user(self.agent).action_create_contact()
        self.assertEqual(case.partner_id.phone, "0999 000 111")
        self.assertEqual(self._found("999000111"), case.partner_id.ids)

    def test_a_call_about_an_open_case_joins_it(self):  # CC-3, CC-6
        case = self._open_case(self.shop)
        told = case.with_user(self.agent).phone_join(
            {"partner_id": self.lan.id, "text": "Still broken"})
        self.assertEqual(told["id"], case.id)
        spoken = case.contact_ids.sorted("id").mapped(lambda contact: (
            contact.direction, contact.channel, contact.partner_id))
        self.assertEqual(spoken, [
            ("in", "phone", self.shop), ("in", "phone", self.lan),
            ("out", "phone", self.env["res.partner"])])
        self.assertFalse(case.waiting_since, "he was answered on the telephone")
        self.assertIn("Still broken", case.message_ids[0].body)
        self.assertTrue(case.message_ids[0].is_internal or case.message_ids[0].subtype_id.internal)

    def test_nothing_is_saved_without_words_or_without_somebody(self):  # CC-3
        with self.assertRaises(UserError):
            self.desk.phone_create({"partner_id": self.lan.id, "text": "  "})
        with self.assertRaises(UserError):
            self.desk.phone_create({"text": "Hello"})

    def test_only_agents_ask(self):  # CC-3
        other = self._create_user("case_reader", "base.group_user")
        for method, *args in (
                ("phone_search", "0901"), ("phone_known", self.lan.id), ("phone_start",),
                ("phone_create", {"partner_id": self.lan.id, "text": "x"})):
            with self.assertRaises(AccessError, msg=method):
                getattr(self.desk.with_user(other), method)(*args)
        with self.assertRaises(AccessError):
            self._open_case().with_user(other).phone_join({"text": "x"})

    def test_a_caller_of_another_company_is_not_found(self):  # CC-3
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        (self.shop | self.lan).sudo().company_id = elsewhere
        self.assertEqual(self._found("0901234567"), [])
        with self.assertRaises(AccessError):
            self.desk.phone_known(self.shop.id)

    def test_a_search_looks_as_often_for_six_callers_as_for_one(self):  # CC-3
        def looks(term):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = len(self._found(term))
            return found, self.env.cr.sql_log_count - before

        for index in range(7):
            self._create_customer(f"Neighbour {index}", phone=f"{index}02 77 12 34")
        self._create_customer("Alone", phone="0333 55 66 77")
        looks("0333556677")  # what is read once and kept
        one, once = looks("0333556677")
        many, often = looks("7771234")
        self.assertEqual((one, many), (1, 0))
        many, often = looks("2771234")
        self.assertEqual(many, 6)
        self.assertLessEqual(often, once + 1)

"""What agents see of a case and of the customer beside it (CC-1, CC-3)."""
from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import days_ago
from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseScreen(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grinder = cls.env["product.product"].create({"name": "Grinder G1"})
        cls.order = cls.env["sale.order"].sudo().create({
            "partner_id": cls.writer.id, "company_id": cls.company.id,
            "order_line": [Command.create({"product_id": cls.grinder.id, "product_uom_qty": 2})]})
        cls.order.action_confirm()
        cls.desk = cls.cases.with_user(cls.agent).sudo(False)

    def _beside(self, case, partner=None, user=None):
        return self.desk.with_user(user or self.agent).get_beside(
            case.id, (partner or case.partner_id).id, case.company_id.id)

    def _rows(self, page, key):
        return next((part["rows"] for part in page["parts"] if part["key"] == key), [])

    def test_the_customer_stands_beside_his_case(self):  # CC-1
        invoice = self._create_posted(
            self.writer, days_ago(200), 120, invoice_date_due=days_ago(170))
        self._count(self.writer)
        case, other = self._open_case(), self._open_case(name="Where is my order?")
        page = self._beside(case)
        self.assertEqual(page["partner"][0], self.writer.id)
        self.assertEqual(page["customer"]["purchases"], 1)
        self.assertIn("120", page["customer"]["value"])
        self.assertEqual([row["res_id"] for row in self._rows(page, "cases")], other.ids)
        self.assertEqual([row["res_id"] for row in self._rows(page, "due")], invoice.ids)
        self.assertEqual(self._rows(page, "due")[0]["tone"], "danger")
        self.assertEqual(
            self._rows(page, "bought")[0]["use"]["order_line_id"][0], self.order.order_line.id)

    def test_each_product_stands_once_with_its_last_order(self):  # CC-1
        beans = self.env["product.product"].create({"name": "Beans"})
        for day, goods in ((3, beans), (2, beans), (1, beans)):
            self.env["sale.order"].sudo().create({
                "partner_id": self.writer.id, "company_id": self.company.id,
                "order_line": [Command.create({"product_id": goods.id})],
            }).action_confirm()
            last = self.env["sale.order"].sudo().search([], order="id desc", limit=1)
            last.date_order = fields.Datetime.add(fields.Datetime.now(), days=10 - day)
        rows = self._rows(self._beside(self._open_case()), "bought")
        self.assertEqual([row["title"] for row in rows], ["Beans", "Grinder G1"])
        self.assertEqual(rows[0]["res_id"], last.id)

    def test_a_reader_sees_only_what_he_may_read(self):  # CC-1
        case = self._open_case()
        reader = self._create_user("sales_reader", "sales_team.group_sale_salesman")
        self.writer.user_id = reader
        keys = [part["key"] for part in self._beside(case, user=reader)["parts"]]
        self.assertNotIn("due", [key for key in keys if not self.env["account.move"].with_user(
            reader).has_access("read")])
        stranger = self._create_user("no_reader", "base.group_user")
        with self.assertRaises(AccessError):
            self._beside(case, user=stranger)

    def test_a_stranger_is_told_by_his_number_and_address(self):  # CC-3
        known = self._create_customer("Known", phone="+84 911 222 333", email="known@home.example")
        case = self._open_case(
            partner_id=False, partner_name="Somebody", email_from="Me <KNOWN@home.example>")
        self.assertEqual([row["id"] for row in self._beside(case)["suggested"]], known.ids)
        case.write({"email_from": "else@where.example", "phone": "0911 222 333"})
        self.assertEqual([row["id"] for row in self._beside(case)["suggested"]], known.ids)
        case.with_user(self.agent).action_create_contact()
        self.assertEqual(case.partner_id.name, "Somebody")

    def test_an_order_line_names_the_goods(self):  # CC-3
        with Form(self.desk) as form:
            form.name = "Broken"
            form.partner_id = self.writer
            form.order_line_id = self.order.order_line
            self.assertEqual(form.product_id, self.grinder)
            self.assertEqual(form.order_id, self.order)

    def test_a_case_is_found_by_any_form_of_a_number(self):  # CC-3
        own = self._open_case(partner_id=False, partner_name="Minh", phone="0901 234 567")
        self.writer.phone = "+84 911 222 333"
        by_contact = self._open_case()
        by_contact.phone = False
        for case, words in ((own, ("+84 901234567", "234-567", "0901.234.567")),
                            (by_contact, ("0911222333", "222 333"))):
            for word in words:
                found = self.desk.search([("reach", "ilike", word)])
                self.assertIn(case, found, word)
                self.assertNotIn(own | by_contact - case, found)
        self.assertFalse(self.desk.search([("reach", "ilike", "0801 234 567")]) & own)

    def test_the_only_lot_of_the_goods_is_filled_in(self):  # CC-3
        item = {"partner_id": self.writer.id, "company_id": self.company.id,
                "product_id": self.grinder.id, "quantity": 1}
        items = self.env["care.item"].sudo()
        items.create({**item, "lot_name": "22-B", "delivered_on": days_ago(9)})
        case = self._open_case(order_line_id=self.order.order_line.id)
        case._fill_from_line()
        self.assertEqual(case.lot_name, "22-B")
        items.create({**item, "lot_name": "23-A", "delivered_on": days_ago(2)})
        case.lot_name = False
        case._fill_from_line()
        self.assertFalse(case.lot_name, "which of the two is not known")

    def test_whose_turn_it_is(self):  # CC-3
        case = self._open_case(channel="email")
        opened = case.contact_ids.at
        self.assertEqual((case.last_word, case.waiting_since), ("in", opened))
        later = fields.Datetime.add(opened, hours=1)
        case._add_contact("in", "email", later, partner=self.writer)
        self.assertEqual(case.waiting_since, opened, "his first word without an answer")
        case._add_contact("out", "phone", fields.Datetime.add(opened, hours=2), user=self.agent)
        self.assertEqual((case.last_word, case.waiting_since), ("out", False))
        case._add_contact("in", "email", fields.Datetime.add(opened, hours=3), noise="thanks")
        self.assertFalse(case.waiting_since, "a thank-you waits for nothing")
        again = fields.Datetime.add(opened, hours=4)
        case._add_contact("in", "email", again, partner=self.writer)
        self.assertEqual(case.waiting_since, again)
        case.action_resolve()
        self.assertFalse(case.waiting_since)

    def test_whoever_calls_does_not_wait(self):  # CC-3
        case = self._open_case(channel="phone")
        self.assertEqual((case.last_word, case.waiting_since), ("in", False))
        written = fields.Datetime.add(case.opened_at, hours=1)
        case._add_contact("in", "email", written, partner=self.writer)
        self.assertEqual(case.waiting_since, written)
        case._add_contact(
            "in", "phone", fields.Datetime.add(written, hours=1), partner=self.writer)
        self.assertFalse(case.waiting_since, "he was spoken with")

    def test_a_case_begins_from_a_contact_an_order_and_an_invoice(self):  # CC-3
        invoice = self._create_posted(self.writer, days_ago(3), 50)
        for record in (self.writer, self.order, invoice):
            record = record.with_user(self.agent).sudo(False)
            values = record.action_new_case()["context"]
            with Form(self.desk.with_context(**values)) as form:
                form.name = f"About {record.display_name}"
                self.assertEqual(form.partner_id, self.writer)
            case = self.desk.browse(form.record.id)
            self.assertEqual(record.care_case_count, self.desk.search_count(
                record.action_open_cases()["domain"]))
            self.assertIn(case, self.desk.search(record.action_open_cases()["domain"]))
        self.assertEqual(self.order.care_case_count, 1)
        self.assertEqual(invoice.care_case_count, 1)
        self.assertEqual(self.writer.care_case_open_count, 3)

    def test_a_page_of_cases_is_read_by_as_many_queries_as_ten(self):  # CC-3
        def open_some(count):
            return self.cases.concat(*(
                self._open_case(self._create_customer(f"Buyer {count} {index}"))
                for index in range(count)))

        def looks(cases):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            cases.with_user(self.agent).sudo(False).web_read({
                name: {} for name in (
                    "number", "name", "who", "care_status", "care_health", "waiting_since",
                    "is_mine", "severity", "stage_kind")})
            return self.env.cr.sql_log_count - before

        ten, hundred = open_some(10), open_some(100)
        looks(ten)  # what is read once and kept
        self.assertLessEqual(looks(hundred), looks(ten))

    def test_counts_on_many_contacts_are_one_look(self):  # CC-3
        partners = self.env["res.partner"].browse()
        for index in range(20):
            partners |= self._open_case(self._create_customer(f"Many {index}")).partner_id

        def looks(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(some.mapped("care_case_open_count")), {1})
            return self.env.cr.sql_log_count - before

        looks(partners)  # what is read once and kept
        self.assertLessEqual(looks(partners), looks(partners[:2]))

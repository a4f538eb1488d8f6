from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import MONDAY, SalesDeskCase


@tagged("post_install", "-at_install")
class TestContactMap(SalesDeskCase):
    """Who knows whom at the customer, and who else of us is there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plant = cls.env["res.partner"].create({"name": "Plant Ltd", "is_company": True})
        cls.cora, cls.paul = cls.env["res.partner"].create([
            {"name": name, "email": f"{name.lower()}@plant.example", "parent_id": cls.plant.id}
            for name in ("Cora", "Paul")])
        cls.decides = cls.env.ref("sales_automation.contact_role_decision_maker")

    def _write_to(self, deal, user, person, moment):
        with self.at(moment):
            deal.with_user(user).message_post(
                body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment",
                partner_ids=person.ids)

    def _hear_from(self, deal, person, moment):
        with self.at(moment):
            deal.message_post(
                body="Hello", message_type="email", author_id=person.id,
                subtype_xmlid="mail.mt_comment")

    def _call(self, deal, user, moment):
        with self.at(moment):
            deal.with_user(user).activity_schedule(
                "mail.mail_activity_data_call", user_id=user.id).action_feedback()

    def _meet(self, people, user, moment, **kw):
        return self.env["calendar.event"].create({
            "name": "Visit", "start": moment, "stop": moment, "user_id": user.id,
            "partner_ids": [fields.Command.set((people | user.partner_id).ids)], **kw})

    def _map(self, deal, moment, user=None):
        self.env.invalidate_all()
        with self.at(moment):
            return deal.with_user(user or self.ines).get_contact_map()

    def test_map_counts_who_knows_whom(self):  # SA-16
        deal = self._create_deal(partner_id=self.cora.id)
        self._write_to(deal, self.ines, self.cora, f"{MONDAY} 09:00:00")
        self._write_to(deal, self.ines, self.cora | self.paul, "2026-03-03 09:00:00")
        self._hear_from(deal, self.cora, "2026-03-04 09:00:00")
        self._call(deal, self.ines, "2026-03-05 09:00:00")
        self._meet(self.paul, self.finn, "2026-03-06 09:00:00")
        self._meet(self.paul, self.finn, "2026-03-20 09:00:00")  # to come
        self._meet(self.paul, self.finn, "2026-03-06 10:00:00", privacy="private")
        shown = self._map(deal, "2026-03-09 09:00:00")
        self.assertEqual([person["name"] for person in shown["people"]], ["Cora", "Paul"])
        self.assertEqual({user["name"] for user in shown["users"]}, {"Ines", "Finn"})
        cells = {
            key: (cell["count"], cell["text"], cell["last"])
            for key, cell in shown["cells"].items()}
        self.assertEqual(cells, {
            f"{self.cora.id}-{self.ines.id}":
                (4, "sent: 2, received: 1, calls: 1", "4 days ago"),
            f"{self.paul.id}-{self.ines.id}": (1, "sent: 1", "6 days ago"),
            f"{self.paul.id}-{self.finn.id}": (1, "meetings: 1", "3 days ago"),
        })

    def test_roles_come_first(self):  # SA-16
        deal = self._create_deal(partner_id=self.cora.id)
        self.env["sales.deal.contact"].with_user(self.ines).create({
            "lead_id": deal.id, "partner_id": self.paul.id, "role_id": self.decides.id,
            "stance": "for", "note": "Call him in the evening"})
        first = self._map(deal, f"{MONDAY} 09:00:00")["people"][0]
        self.assertEqual(
            (first["name"], first["role"], first["stance_label"]),
            ("Paul", "Decision maker", "For Us"))
        with self.assertRaisesRegex(ValidationError, "already among the people"):
            self.env["sales.deal.contact"].with_user(self.ines).create({
                "lead_id": deal.id, "partner_id": self.paul.id})

    def test_a_colleague_at_the_same_customer(self):  # SA-16
        deal = self._create_deal(partner_id=self.cora.id, name="Ours")
        secret = self._create_deal(
            partner_id=self.paul.id, user_id=self.finn.id, team_id=self.team_field.id,
            name="Secret plan")
        self._write_to(secret, self.finn, self.paul, f"{MONDAY} 09:00:00")
        self._meet(self.cora, self.fay, "2026-03-04 09:00:00")
        shown = self._map(deal, "2026-03-05 09:00:00")
        self.assertEqual(shown["others"], [
            "Finn works on an open deal with this customer, last contact 3 days ago",
            "Fay was in touch with this customer yesterday"])
        self.assertNotIn("Secret plan", str(shown))
        with self.at("2026-05-05 09:00:00"):
            self.env["calendar.event"].search([("user_id", "=", self.fay.id)]).unlink()
        self.assertEqual(self._map(deal, "2026-05-05 09:00:00")["others"], [
            "Finn works on an open deal with this customer"])

    def test_warned_while_writing_a_mail(self):  # SA-16: about a deal, or its quotation
        deal, quiet = self._create_deals(2, partner_id=self.cora.id)
        quiet.partner_id = False
        self._create_deal(partner_id=self.paul.id, user_id=self.finn.id)
        order = self.env["sale.order"].create({
            "partner_id": self.cora.id, "opportunity_id": deal.id, "user_id": self.ines.id})

        def warn(user, records, **kw):
            return self.env["mail.compose.message"].with_user(user).new({
                "model": records._name, "res_ids": str(records.ids), "composition_mode": "comment",
                **kw}).sales_warning or ""

        for about in (deal, order):
            self.assertIn("Finn works on an open deal", warn(self.ines, about))
        self.assertFalse(warn(self.ines, quiet))
        self.assertFalse(warn(self.ines, deal | quiet), "one mail to many is about none of them")
        self.assertFalse(warn(self.ines, deal, composition_mode="mass_mail"))
        deal.user_id, order.user_id = self.fay, self.ines
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(deal.with_user(self.ines).has_access("read"))
        self.assertFalse(warn(self.ines, order), "he still writes about his quotation")

    def test_warned_while_entering_a_deal(self):  # SA-16
        self._create_deal(partner_id=self.paul.id, user_id=self.finn.id)
        new = self.env["crm.lead"].with_user(self.ines).new({
            "name": "Again", "type": "opportunity", "user_id": self.ines.id,
            "partner_id": self.cora.id})
        warning = new._onchange_partner_account()["warning"]
        self.assertIn("Finn works on an open deal", warning["message"])
        form = Form(self.env["crm.lead"].with_user(self.ines))
        form.name = "No customer, no warning"
        form.save()

    def test_figures_open_what_the_reader_may_read(self):  # SA-16
        deal = self._create_deal(partner_id=self.cora.id)
        self._create_deal(partner_id=self.cora.id, user_id=self.finn.id, name="His")
        his = self.env["crm.lead"].search([("name", "=", "His")])
        self._write_to(his, self.finn, self.cora, f"{MONDAY} 09:00:00")
        self._write_to(deal, self.ines, self.cora, f"{MONDAY} 10:00:00")
        action = deal.with_user(self.ines).action_open_contact_words(self.cora.id, self.ines.id)
        messages = self.env["mail.message"].with_user(self.ines).search(action["domain"])
        self.assertEqual(messages.mapped("res_id"), deal.ids)
        action = deal.with_user(self.ines).action_open_contact_words(self.cora.id, self.finn.id)
        self.assertFalse(self.env[action["res_model"]].with_user(self.ines).search(
            action["domain"]))

    def test_rights(self):  # SA-16
        deal = self._create_deal(partner_id=self.cora.id)
        row = self.env["sales.deal.contact"].create({
            "lead_id": deal.id, "partner_id": self.cora.id, "note": "Hates us"})
        with self.assertRaises(AccessError):
            deal.with_user(self.finn).get_contact_map()
        with self.assertRaises(AccessError):
            row.with_user(self.finn).read(["note"])
        with self.assertRaises(AccessError):
            self.env["sales.deal.contact"].with_user(self.finn).create({
                "lead_id": deal.id, "partner_id": self.paul.id})
        self._hand_off(deal, self.finn)
        self.env.invalidate_all()
        self.assertEqual(row.with_user(self.finn).note, "Hates us", "asked to take over: reads")
        with self.assertRaises(AccessError):
            row.with_user(self.finn).write({"note": "Loves us"})
        with self.assertRaises(AccessError):
            row.with_user(self.finn).unlink()

    def test_companies_are_apart(self):  # SA-16
        other = self.env["res.company"].create({"name": "Other"})
        self.finn.write({"company_ids": [fields.Command.link(other.id)]})
        theirs = self.env["crm.lead"].create({
            "name": "Theirs", "type": "opportunity", "partner_id": self.cora.id,
            "company_id": other.id, "user_id": self.finn.id, "team_id": False})
        self._write_to(theirs, self.finn, self.cora, f"{MONDAY} 09:00:00")
        deal = self._create_deal(partner_id=self.cora.id, company_id=self.env.company.id)
        shown = self._map(deal, "2026-03-05 09:00:00")
        self.assertEqual((shown["cells"], shown["others"]), ({}, []))

    def test_how_many_know_us(self):  # SA-16, SA-17
        one, two, none = self._create_deals(3)
        (one | two).partner_id = self.cora
        self._hear_from(two, self.paul, f"{MONDAY} 09:00:00")
        self._meet(self.cora, self.ines, f"{MONDAY} 10:00:00", opportunity_id=one.id)
        self.assertEqual(
            (one | two | none)._count_contacts(), {one.id: 1, two.id: 2, none.id: 0})

    def test_departments_and_money(self):  # SA-16
        deal = self._create_deal(partner_id=self.cora.id)
        adam = self._create_user("adam", "account.group_account_invoice")
        self._meet(self.cora, adam, f"{MONDAY} 09:00:00")
        self._write_to(deal, self.ines, self.cora, "2026-03-03 09:00:00")
        invoice = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.plant.id,
            "invoice_date": "2026-01-10", "invoice_date_due": "2026-02-10",
            "invoice_line_ids": [fields.Command.create({
                "name": "Service", "quantity": 1, "price_unit": 1200, "tax_ids": []})]})
        invoice.action_post()
        with self.at("2026-03-04 09:00:00"):
            lines = deal.with_user(self.ines)._get_account_lines(fields.Datetime.now())
        told = {line["text"]: line["detail"] for line in lines}
        self.assertIn("Feb 10", told["Unpaid: $\xa01,200.00 overdue"])
        self.assertEqual(told["Sales"], "Cora · Ines wrote yesterday")
        self.assertEqual(told["Accounting"], "Cora · Adam met 2 days ago")

    def test_merge_keeps_the_people(self):  # SA-16
        deal, double = self._create_deals(2, partner_id=self.cora.id)
        self.env["sales.deal.contact"].create([
            {"lead_id": deal.id, "partner_id": self.cora.id},
            {"lead_id": double.id, "partner_id": self.cora.id},
            {"lead_id": double.id, "partner_id": self.paul.id}])
        kept = (deal | double).merge_opportunity()
        self.assertEqual(kept.deal_contact_ids.partner_id, self.cora | self.paul)
        self.assertEqual(len(kept.deal_contact_ids), 2)

    def test_fifty_people_cost_no_more_questions(self):  # SA-16, P-8
        def count(amount):
            account = self.env["res.partner"].create({"name": "Big", "is_company": True})
            people = self.env["res.partner"].create([
                {"name": f"P{index}", "parent_id": account.id} for index in range(amount)])
            deal = self._create_deal(partner_id=people[0].id)
            self._write_to(deal, self.ines, people, f"{MONDAY} 09:00:00")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            shown = self._map(deal, "2026-03-05 09:00:00")
            self.assertEqual(len(shown["people"]), amount)
            return self.env.cr.sql_log_count - before
        count(2)
        self.assertLessEqual(count(50), count(3) + 1)

from datetime import date, timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import NOW, TODAY, days_ago
from .common_reminder import ReminderCommon


@tagged("post_install", "-at_install")
class TestItem(ReminderCommon):
    """What customers received and still have: its warranty and its service."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.env["product.product"].create({"name": "Service", "type": "service"})
        # A service has no deliveries, also where stock is kept: the purchase tells of it.
        cls.machine = cls.env["product.product"].create({
            "name": "Machine", "type": "service", "care_warranty_months": 24,
            "care_service_months": 6, "care_service_product_id": cls.service.id})
        cls.items = cls.env["care.item"].sudo()

    def _create_owner(self, ago, name="Owner", **values):
        owner = self._create_customer(name, **{"email": f"{name.lower()}@example.com", **values})
        move = self._buy_product(owner, self.machine, (ago, 1), price=900)
        return owner, move

    def _items_of(self, partner):
        return self.items.search([("partner_id", "=", partner.id)])

    def _rule(self, kind, **values):
        return self._create_rule(
            name=kind, kind=kind,
            product_tmpl_ids=[Command.set(self.machine.product_tmpl_id.ids)], **values)

    def test_an_item_has_its_dates(self):  # CC-15
        owner, _move = self._create_owner(30)  # 31 May 2026
        self._night()
        item = self._items_of(owner)
        self.assertEqual((item.product_id, item.quantity, item.state), (self.machine, 1, "active"))
        self.assertEqual(item.warranty_end, date(2028, 5, 31))
        self.assertEqual(item.next_service_on, date(2026, 11, 30))

    def test_products_without_dates_are_not_followed(self):  # CC-15
        owner, _move = self._create_owner(30)
        self._buy_product(owner, self.beans, 20)
        self._night()
        self.assertEqual(self._items_of(owner).product_id, self.machine)

    def test_a_return_closes_it(self):  # CC-15
        owner, move = self._create_owner(30)
        self._night()
        self._credit(move, TODAY)
        self._night(NOW + timedelta(days=1))
        self.assertEqual((self._items_of(owner).state, self._items_of(owner).quantity),
                         ("returned", 0))

    def test_a_longer_warranty_is_for_new_sales(self):  # CC-15
        owner, _move = self._create_owner(30)
        self._night()
        self.machine.care_warranty_months = 36
        self._night(NOW + timedelta(days=1))
        self.assertEqual(self._items_of(owner).warranty_end, date(2028, 5, 31))

    def test_buying_the_service_moves_the_next_one(self):  # CC-15
        owner, _move = self._create_owner(200)
        self._buy_product(owner, self.service, 10)
        self._night()
        item = self._items_of(owner)
        self.assertEqual(item.last_service_on, days_ago(10))
        self.assertEqual(item.next_service_on, date(2026, 12, 20))

    def test_a_service_recorded_by_hand(self):  # CC-15
        owner, _move = self._create_owner(200)
        self._night()
        user = new_test_user(
            self.env, "service_desk", groups="customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        item = self._items_of(owner).with_user(user)
        with freeze_time(NOW):
            item.action_service_done()
        self.assertEqual((item.last_service_on, item.next_service_on), (TODAY, date(2026, 12, 30)))
        with self.assertRaises(AccessError):
            item.warranty_end = TODAY
        self._night(NOW + timedelta(days=1))
        self.assertEqual(item.last_service_on, TODAY, "the night knows no better")

    def test_service_is_due(self):  # CC-15
        self._rule("maintenance", lead_days=14, channel="mail")
        owner, _move = self._create_owner(172)  # 9 January: due on 9 July
        self._night()
        reminder = self._of(owner)
        self.assertEqual((reminder.state, reminder.due_on), ("sent", date(2026, 7, 9)))
        self.assertIn("service is due", reminder.mail_id.subject)
        self._night(NOW + timedelta(days=20))
        self.assertEqual(len(self._of(owner)), 1, "half an interval later it is still this one")

    def test_every_half_year_again(self):  # CC-15
        self._rule("maintenance", lead_days=14)
        owner, _move = self._create_owner(172)
        self._night()
        self._night(NOW + timedelta(days=180))
        self.assertEqual(self._of(owner).mapped("due_on"),
                         [date(2026, 7, 9), date(2027, 1, 9)])

    def test_serviced_in_between(self):  # CC-15
        self._rule("maintenance", lead_days=5)
        owner, _move = self._create_owner(172)
        self._night()
        self.assertEqual(self._of(owner).state, "planned")
        self._buy_product(owner, self.service, 0)
        self._night(NOW + timedelta(days=4))
        self.assertHeld(owner, "serviced")

    def test_the_end_of_the_warranty_offers_a_service(self):  # CC-15
        seller = new_test_user(
            self.env, "service_seller", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        self._rule("warranty", lead_days=15, channel="activity", make_offer=True)
        owner, _move = self._create_owner(715, user_id=seller.id)  # 15 July 2024
        self._night()
        reminder = self._of(owner)
        self.assertEqual((reminder.state, reminder.due_on), ("sent", date(2026, 7, 15)))
        self.assertEqual(reminder.offer_id.order_line.product_id, self.service)
        self.assertEqual(reminder.offer_id.user_id, seller)
        self._buy_product(owner, self.service, (-3, 1), price=120)
        self._night(NOW + timedelta(days=4))
        self.assertEqual((reminder.state, reminder.bought_amount), ("done", 120))

    def test_without_a_service_to_offer_the_whole_purchase_counts(self):  # CC-15
        self.machine.care_service_product_id = False
        self._rule("warranty", lead_days=15)
        owner, _move = self._create_owner(715)
        self._night()
        self._of(owner).mail_id.state = "sent"
        self._buy_product(owner, self.beans, -3, price=10)
        self._buy_product(owner, self.filters, -3, price=30)
        self._night(NOW + timedelta(days=4))
        self.assertEqual(
            (self._of(owner).state, self._of(owner).bought_amount), ("done", 40))

    def test_a_merge_keeps_the_service_whoever_had_it(self):  # CC-15
        owners = [self._create_owner(200, name)[0] for name in ("One", "Two", "Three")]
        self._night()
        self._items_of(owners[2]).last_service_on = days_ago(10)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([owner.id for owner in owners], owners[0])
        self.env.invalidate_all()
        self.assertEqual(self._items_of(owners[0]).last_service_on, days_ago(10))

    def test_no_longer_in_use(self):  # CC-15
        self._rule("maintenance", lead_days=5)
        owner, _move = self._create_owner(172)
        self._night()
        self._items_of(owner).action_retire()
        self._night(NOW + timedelta(days=4))
        self.assertHeld(owner, "retired")
        self.assertEqual(self._items_of(owner).state, "retired")

    def test_an_agreement_that_ends(self):  # CC-15
        self._create_rule(name="renewal", kind="renewal", lead_days=20, product_tmpl_ids=False)
        owner = self._create_customer("Subscriber", email="subscriber@example.com")
        agreements = self.env["care.agreement"].sudo()
        agreement = agreements.create({
            "partner_id": owner.id, "company_id": self.company.id, "renewal": "manual",
            "date_start": date(2025, 7, 21), "date_end": date(2026, 7, 20)})
        agreement._set_running()
        self._night()
        reminder = self._of(owner)
        self.assertEqual((reminder.state, reminder.due_on, reminder.agreement_id),
                         ("sent", date(2026, 7, 20), agreement))
        self.assertIn(agreement.name, reminder.mail_id.subject)

    def test_a_renewed_agreement_is_not_reminded(self):  # CC-15
        self._create_rule(name="renewal", kind="renewal", lead_days=5, product_tmpl_ids=False)
        owner = self._create_customer("Subscriber", email="subscriber@example.com")
        agreement = self.env["care.agreement"].sudo().create({
            "partner_id": owner.id, "company_id": self.company.id, "renewal": "manual",
            "date_start": date(2025, 7, 9), "date_end": date(2026, 7, 8)})
        agreement._set_running()
        self._night()
        self.assertEqual(self._of(owner).state, "planned")
        agreement.copy({
            "predecessor_id": agreement.id, "date_start": date(2026, 7, 9),
            "date_end": date(2027, 7, 8)})._set_running()
        self._night(NOW + timedelta(days=5))
        self.assertHeld(owner, "renewed")

    def test_the_record_shows_items_and_reminders(self):  # CC-1, CC-15
        self._rule("maintenance", lead_days=14)
        owner, _move = self._create_owner(172)
        self._count(owner)
        self._night()
        care = self._care(owner)
        self.assertEqual(care.item_ids, self._items_of(owner))
        self.assertEqual(care.reminder_ids, self._of(owner))

    def test_a_salesperson_sees_his_own_customers(self):  # ALL-4
        seller, colleague = (
            new_test_user(
                self.env(su=True), login, groups="sales_team.group_sale_salesman",
                company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
            for login in ("own_seller", "own_colleague"))
        self._rule("maintenance", lead_days=14)
        people = [self._create_owner(172, name, user_id=user)[0] for name, user in (
            ("Mine", seller.id), ("Theirs", colleague.id), ("Free", False))]
        self._night()
        own = [("partner_id", "in", [partner.id for partner in people])]
        mine, theirs, free = people
        readers = {
            "sales_team.group_sale_salesman": mine | free,
            "sales_team.group_sale_salesman_all_leads": mine | theirs | free,
            "customer_care.group_customer_care_user": mine | theirs | free}
        for model in ("care.item", "care.reminder", "care.product.history"):
            for group, expected in readers.items():
                seller.group_ids = self.env.ref(group) | self.env.ref("base.group_user")
                found = self.env[model].with_user(seller).sudo(False).search(own)
                self.assertEqual(found.partner_id, expected, f"{model} {group}")

"""Segments, statuses and health that others can address (CC-21)."""
from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged

from .common import NOW, TODAY, CareCommon


@tagged("post_install", "-at_install")
class TestTags(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["care.rfm.segment"].sudo()
        cls.segments._restore_map()
        cls.segments.search([]).category_id = False
        cls.env["care.status.rule"].sudo().search([]).category_id = False
        cls.tag = cls.env["res.partner.category"].sudo().create({"name": "Our lost ones"})
        cls.lost = cls.segments.search([("preset", "=", "lost")])

    def _night(self, now=NOW, company=None):
        self.env["care.night"].sudo()._run_steps(
            company or self.company, now, "rfm", "health", "tags")

    def _buyer(self, *days, name="Buyer"):
        partner = self._create_customer(name)
        self._buy(partner, *days)
        self._count(partner)
        return partner

    def test_a_segment_gives_its_tag_and_takes_it_back(self):  # CC-21
        self.lost.category_id = self.tag
        lost, other = self._buyer(500), self._buyer(5, name="Other")
        self._night()
        self.assertEqual(lost.category_id, self.tag)
        self.assertFalse(other.category_id)
        self._create_posted(lost, TODAY)
        self._count(lost)
        self._night()
        self.assertFalse(lost.category_id)
        self.assertFalse(self.env["care.tag"].sudo().search([("partner_id", "=", lost.id)]))

    def test_a_tag_set_by_hand_is_never_taken(self):  # CC-21
        lost = self._buyer(500)
        lost.category_id = self.tag
        self.lost.category_id = self.tag
        self._night()
        self._create_posted(lost, TODAY)
        self._count(lost)
        self._night()
        self.assertEqual(lost.category_id, self.tag)

    def test_a_tag_taken_by_hand_stays_off(self):  # CC-21
        self.lost.category_id = self.tag
        lost = self._buyer(500)
        self._night()
        lost.category_id = False
        self._night()
        self.assertFalse(lost.category_id)

    def test_other_tags_and_an_abandoned_tag(self):  # CC-21
        own = self.env["res.partner.category"].sudo().create({"name": "Fair 2026"})
        self.lost.category_id = self.tag
        lost = self._buyer(500)
        lost.category_id = own
        self._night()
        self.assertEqual(lost.category_id, own | self.tag)
        self.lost.category_id = False
        self._night()
        self.assertEqual(lost.category_id, own)

    def test_a_status_gives_a_tag(self):  # CC-21
        rule = self.env["care.status.rule"].sudo().search([("status", "=", "churned")], limit=1)
        rule.category_id = self.tag
        churned, fresh = self._buyer(900), self._buyer(5, name="Fresh")
        self._night()
        self.assertEqual(churned.category_id, self.tag)
        self.assertFalse(fresh.category_id)

    def test_two_companies_and_one_tag(self):  # CC-21
        other = self.env["res.company"].sudo().create({"name": "Second house"})
        self.lost.category_id = self.tag
        lost = self._buyer(500)
        self._night()
        self.env["care.tag"].sudo().create({
            "partner_id": lost.id, "company_id": other.id, "category_id": self.tag.id})
        care = self._care(lost).copy_data()[0]
        self.customers.create({
            "partner_id": lost.id, "company_id": other.id,
            "rfm_segment_id": self.lost.id, "status": care.get("status", "churned")})
        self._create_posted(lost, TODAY)
        self._count(lost)
        self._night()
        self.assertEqual(lost.category_id, self.tag, "the other company still asks for it")
        self.customers.search(
            [("partner_id", "=", lost.id), ("company_id", "=", other.id)]).unlink()
        self.env["care.tag"].sudo()._keep_in_step(other, NOW)
        self.assertFalse(lost.category_id)

    def test_domains_of_mailings_and_of_models_with_a_partner(self):  # CC-21
        lost = self._buyer(500, name="Lost one")
        contact = self._create_customer("His buyer", parent_id=lost.id)
        fresh = self._buyer(5, name="Fresh one")
        self._night()
        here = self.env["res.partner"].with_company(self.company)
        ours = Domain("id", "in", (lost | contact | fresh).ids)
        self.assertEqual(
            here.search(ours & Domain("care_segment_id", "=", self.lost.id)), lost | contact)
        self.assertEqual(
            here.search(ours & Domain("care_segment_id.name", "=", self.lost.name)),
            lost | contact)
        self.assertEqual(here.search(ours & Domain("care_health", ">", 0)), fresh)
        self.assertEqual(here.search(ours & Domain("care_health_level", "!=", False)), fresh)
        self.assertEqual(contact.with_company(self.company).care_segment_id, self.lost)
        order = self._create_sale_order_one_line(product_id=self.product_a.id, partner_id=lost.id)
        orders = self.env["sale.order"].with_company(self.company)
        self.assertEqual(
            orders.search([("partner_id.care_segment_id", "=", self.lost.id),
                           ("partner_id", "in", lost.ids)]), order)

    def test_a_colleague_may_address_the_segment(self):  # CC-21
        lost = self._buyer(500)
        self._night()
        colleague = new_test_user(
            self.env(su=True), "tag_colleague", groups="base.group_user,base.group_partner_manager",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        partners = self.env["res.partner"].with_user(colleague).sudo(False)
        found = partners.search([("care_segment_id", "=", self.lost.id), ("id", "=", lost.id)])
        self.assertEqual(found.care_segment_id.name, self.lost.name)

    def test_a_hundred_customers_cost_no_more_queries_than_ten(self):  # CC-21
        partners = self.env["res.partner"].create(
            [{"name": f"Crowd {i}"} for i in range(100)])
        self.customers.create([
            {"partner_id": partner.id, "company_id": self.company.id, "status": "churned",
             "rfm_segment_id": self.lost.id, "health": 10, "health_level": "risk"}
            for partner in partners])
        spent = {}
        for size in (10, 10, 100):  # the first run warms up
            self.env.invalidate_all()
            crowd = self.env["res.partner"].with_company(self.company).browse(
                partners[:size].ids)
            before = self.env.cr.sql_log_count
            found = crowd.search([("care_segment_id", "=", self.lost.id),
                                  ("care_health_level", "=", "risk"), ("id", "in", crowd.ids)])
            self.assertEqual(len(found), size)
            found.mapped("care_segment_id.name")
            found.mapped("care_health")
            spent[size] = self.env.cr.sql_log_count - before
        self.assertEqual(spent[10], spent[100])

    def test_delta_and_night_agree(self):  # CC-12
        partner = self._buyer(5, 40, 80)
        self._night()
        by_night = self._care(partner).read(["rfm_code", "rfm_segment_id", "health"])
        self.env["care.night"].sudo()._look_at_fresh(
            self.company, Scope(ids=(partner.id,)), NOW)
        self.assertEqual(by_night, self._care(partner).read(
            ["rfm_code", "rfm_segment_id", "health"]))

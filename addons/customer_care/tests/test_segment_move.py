"""Who moved from which RFM segment to which, and when (CC-12)."""
from datetime import timedelta

from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.addons.customer_care.models.care_segment_move import KEPT_MONTHS
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, TODAY, CareCommon


@tagged("post_install", "-at_install")
class TestSegmentMove(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["care.rfm.segment"].sudo()
        cls.moves = cls.env["care.segment.move"].sudo()
        cls.borders = cls.env["care.rfm.border"].sudo()
        cls.segments._restore_map()  # whatever the database's admin made of it
        cls.buyer = cls._create_customer("Mover")
        cls._buy(cls.buyer, 40, 80, 120, 160, 200)  # F4, R4: loyal

    def setUp(self):
        super().setUp()
        self._count(self.buyer)
        self._night()

    def _night(self, days=0):
        """The night so many days later: only time goes by."""
        self.env["care.night"].sudo()._run_steps(self.company, NOW + timedelta(days=days), "rfm")

    def _told(self, partner=None):
        moves = self.moves.search([
            ("partner_id", "=", (partner or self.buyer).id), ("company_id", "=", self.company.id)],
            order="id")
        return [(m.from_segment_id.preset, m.to_segment_id.preset, m.why,
                 (m.moved_on - TODAY).days) for m in moves]

    def test_the_first_segment_is_no_move(self):  # CC-12
        self.assertEqual(self._care(self.buyer).rfm_segment_id.preset, "loyal")
        self.assertEqual(self._told(), [])

    def test_silence_moves_a_customer_once(self):  # CC-12
        """Scores fall four times in a year; the segment changes on the 181st day of silence."""
        for days in (100, 140, 141, 142, 330):
            self._night(days)
        self.assertEqual(self._told(), [("loyal", "at_risk", "customer", 141)])
        move = self.moves.search([("partner_id", "=", self.buyer.id)])
        self.assertEqual((move.revenue_net, move.purchase_days), (500, 5))

    def test_a_purchase_moves_him_by_day(self):  # CC-12
        self._night(200)
        self._create_posted(self.buyer, TODAY + timedelta(days=201))
        later = NOW + timedelta(days=201)
        self._count(self.buyer, now=later)
        self.env["care.night"].sudo()._look_at_fresh(
            self.company, Scope(ids=tuple(self.buyer.ids)), later)
        self.assertEqual(self._told(), [
            ("loyal", "at_risk", "customer", 200), ("at_risk", "champions", "customer", 201)])

    def test_all_credited_is_no_segment_and_a_way_back(self):  # CC-12
        one = self._create_customer("Once")
        invoice = self._create_posted(one, TODAY)
        self._count(one)
        self._night()
        self._credit(invoice, TODAY)
        self._count(one)
        self._night(1)
        self._create_posted(one, TODAY + timedelta(days=2))
        self._count(one, now=NOW + timedelta(days=2))
        self._night(2)
        self.assertEqual(self._told(one), [
            ("new", False, "customer", 1), (False, "new", "customer", 2)])

    def test_new_borders_are_no_move_of_his(self):  # CC-12
        self.borders._current(self.company).write({"customers": 60})  # as if enough
        draft = self.borders.browse(
            self.borders.with_company(self.company).action_recalibrate()["res_id"])
        draft.write({"r1": 50, "f3": 4, "f4": 4})
        draft.action_take()
        self._night(1)
        self.assertTrue(draft.settled)
        self._night(200)
        self.assertEqual(self._told(), [
            ("loyal", "champions", "rules", 1), ("champions", "cant_lose", "customer", 200)])

    def test_another_map_is_no_move_of_his(self):  # CC-12
        own = self.segments.create({"name": "Friends", "cells": "44"})
        self._night(1)
        move = self.moves.search([("partner_id", "=", self.buyer.id)])
        self.assertEqual((move.to_segment_id, move.why), (own, "rules"))
        self.segments._restore_map()
        self._night(2)
        self.assertEqual([told[:3] for told in self._told()][1:], [(False, "loyal", "rules")])
        with self.assertRaisesRegex(UserError, "Archive the segment instead"):
            own.unlink()

    def test_another_notion_of_a_purchase_is_no_move_of_his(self):  # CC-12, KPI 0
        self.company.care_revenue_source = "orders"
        self.assertFalse(self.borders._current(self.company).settled)
        self._count(self.buyer)
        self._night(1)
        self.assertEqual(self._told(), [("loyal", False, "rules", 1)])

    def test_an_undisturbed_night_writes_no_move(self):  # CC-12, P-7
        before = self.moves.search_count([])
        self._night()
        self.assertEqual(self.moves.search_count([]), before)

    def test_thousands_are_one_statement(self):  # P-7
        others = [self._create_customer(f"Other {n}") for n in range(12)]
        for other in others:
            self._buy(other, 40)
        self._count(*others)
        self._night()
        border = self.borders._current(self.company)
        scope = Scope(ids=(self.buyer.id, *(other.id for other in others)))
        today = TODAY + timedelta(days=400)
        with self.assertQueryCount(1):
            changed = self.env["care.rfm"].sudo()._query_rescore(
                self.company, scope, border, today)
        self.assertEqual(changed, 13)
        self.assertEqual(len(self.moves.search([("moved_on", "=", today)])), 13)

    def test_the_record_tells_his_moves(self):  # CC-1, CC-12
        self._night(200)
        reader = new_test_user(
            self.env(su=True), "mover_reader", "customer_care.group_customer_care_user",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        care = self._care(self.buyer).with_user(reader).sudo(False).with_company(self.company)
        entries = care.get_timeline(only="segments")["entries"]
        self.assertEqual([e["title"] for e in entries], ["RFM segment from Loyal to At risk"])

    def test_both_stories_survive_a_merge(self):  # CC-9, CC-12
        other = self._create_customer("Mover again")
        self._buy(other, 100, 300)
        self._count(other)
        self._night()
        self._night(300)
        count = len(self._told()) + len(self._told(other))
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.buyer + other).ids, self.buyer)
        self.assertEqual(len(self._told()), count)
        self.assertGreater(count, 1)

    def test_old_moves_are_forgotten(self):  # CC-12
        self._night(200)
        move = self.moves.search([("partner_id", "=", self.buyer.id)])
        old = move.copy({"moved_on": TODAY.replace(year=TODAY.year - KEPT_MONTHS // 12 - 1)})
        with freeze_time(NOW):
            self.moves._gc_old_moves()
        self.assertEqual((move.exists(), old.exists()), (move, self.moves))

    def test_who_may_read(self):  # ALL-4
        self._night(200)
        other = self.setup_other_company(name="Second House")["company"]
        domain = [("partner_id", "=", self.buyer.id)]
        for group, company, seen in (
            ("customer_care.group_customer_care_user", self.company, 1),
            ("customer_care.group_customer_care_user", other, 0),
            ("sales_team.group_sale_salesman", self.company, 1),
        ):
            user = new_test_user(
                self.env(su=True), f"reader {company.id} {group}", group, company_id=company.id,
                company_ids=[(6, 0, company.ids)])
            moves = self.moves.with_user(user).sudo(False)
            self.assertEqual(moves.search_count(domain), seen, group)
            with self.assertRaises(AccessError):
                moves.create({})
        stranger = new_test_user(self.env(su=True), "mover_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.moves.with_user(stranger).sudo(False).search(domain)

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import SalesDeskCase
from .test_clock import DAY_1, DAY_2, DAY_3

WAKE_DAY = "2026-06-01"


@tagged("post_install", "-at_install")
class TestRecycle(SalesDeskCase):
    """"Not now" is not lost: the same record returns on its day, with what was known of it."""

    def _asleep(self, note="Budget in June", **kw):
        with self.at(DAY_1):
            deal = self._create_deal(stage_id=self.stage_offer.id, **kw)
        with self.at(DAY_2):
            self._put_off(deal, WAKE_DAY, note)
        return deal

    def _wake(self, day=WAKE_DAY):
        with self.at(f"{day} 05:00:00"):
            self._run_cron("ir_cron_wake_recycled")

    def test_returns_with_its_history(self):  # SA-10
        deal = self._asleep()
        self.assertEqual(
            (deal.sales_outcome, deal.won_status, deal.active, str(deal.recycle_wake_date)),
            ("recycled", "lost", False, WAKE_DAY))
        self.assertEqual(deal.lost_reason_id, self.not_now)
        self._wake("2026-05-31")
        self.assertFalse(deal.active, "not before its day")
        count = self.env["crm.lead"].with_context(active_test=False).search_count([])
        self._wake()
        self.assertTrue(deal.active)
        self.assertEqual(
            (deal.sales_outcome, deal.stage_id, deal.user_id, deal.recycle_wake_date),
            ("open", self.stage_offer, self.ines, False))
        self.assertEqual(
            self.env["crm.lead"].with_context(active_test=False).search_count([]), count)
        self.assertFalse(deal.lost_reason_id, "core erases it")
        sleep = deal.recycle_ids
        self.assertEqual(
            (sleep.reason_id, sleep.note, sleep.user_id, sleep.woken_by, str(sleep.woken_at)),
            (self.not_now, "Budget in June", self.ines, "date", f"{WAKE_DAY} 05:00:00"))
        activity = deal.activity_ids.filtered(lambda act: act.user_id == self.ines)
        self.assertIn("Budget in June", activity.note)
        self.assertStory(
            deal,
            ("Offer", "first", DAY_1, DAY_2, "recycled"),
            ("Offer", "reopen", f"{WAKE_DAY} 05:00:00", False, False))

    def test_again_counts_up(self):  # SA-10
        deal = self._asleep()
        self._wake()
        with self.at("2026-06-02 09:00:00"):
            self._put_off(deal, "2026-09-01")
        self.assertEqual((deal.recycle_count, len(deal.recycle_ids)), (2, 2))
        self.assertEqual(str(deal.lost_at), "2026-06-02 09:00:00")

    def test_restored_by_something_else(self):  # SA-10
        deal = self._asleep()
        with self.at(DAY_3):
            deal.action_restore()
        self.assertEqual((deal.recycle_ids.woken_by, deal.recycle_wake_date), ("person", False))
        activities = deal.activity_ids
        self._wake()
        self.assertEqual(deal.activity_ids, activities)
        self.assertEqual(str(deal.recycle_ids.woken_at), DAY_3)

    def test_any_channel_with_the_reason(self):  # SA-10: core's own "Lost" dialog
        with self.at(DAY_1):
            deal = self._create_deal()
            self.env["crm.lead.lost"].create({
                "lead_ids": [fields.Command.set(deal.ids)], "lost_reason_id": self.not_now.id,
            }).action_lost_reason_apply()
        self.assertEqual(
            (deal.sales_outcome, str(deal.recycle_wake_date)), ("recycled", "2026-05-31"))

    def test_reason_changed_afterwards(self):  # SA-10
        deal = self._asleep()
        lost_at = deal.lost_at
        deal.lost_reason_id = self.too_dear
        self.assertEqual(
            (deal.sales_outcome, deal.lost_at, deal.recycle_wake_date), ("lost", lost_at, False))
        self.assertEqual(deal.stage_history_ids.mapped("outcome"), ["lost"])
        self.assertEqual(deal.recycle_ids.woken_by, "lost")
        self._wake()
        self.assertFalse(deal.active, "lost for good")

    def test_salesperson_has_left(self):  # SA-10
        deal = self._asleep()
        self.ines.active = False
        self._wake()
        self.assertEqual((deal.user_id, deal.stage_id), (self.lea, self.stage_offer))
        self.assertIn(self.lea, deal.activity_ids.user_id)

    def test_a_broken_one_does_not_stop_the_others(self):  # SA-10
        broken, fine = self._asleep(), self._asleep()
        original = self.env.registry["crm.lead"]._wake

        def explode(lead):
            if lead == broken:
                raise ValueError("The sky fell")
            return original(lead)

        self.patch(self.env.registry["crm.lead"], "_wake", explode)
        self._wake()
        self.assertEqual((broken.active, fine.active), (False, True))
        self.assertEqual(broken.recycle_ids.failure, "The sky fell")
        self.assertEqual(str(broken.recycle_wake_date), "2026-06-02")

    def test_dialog(self):  # SA-10
        deal = self._create_deal()
        with self.at(DAY_1):
            form = Form(self.env["sales.recycle.plan"].with_user(self.ines).with_context(
                default_lead_ids=deal.ids))
            self.assertEqual(str(form.wake_date), "2026-05-31", "as many days as the reason says")
            with self.assertRaisesRegex(ValidationError, "future"):
                self._put_off(deal, "2026-03-02")
            self._put_off(deal, WAKE_DAY)
            with self.assertRaisesRegex(UserError, "Only open deals"):
                self._put_off(deal, WAKE_DAY)

    def test_merge_keeps_the_sleeps(self):  # SA-10
        deal = self._asleep()
        self._wake()
        other = self._create_deal()
        (deal | other).merge_opportunity()
        survivor = (deal | other).exists()
        self.assertEqual(survivor.recycle_ids.note, "Budget in June")

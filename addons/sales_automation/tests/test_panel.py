from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common import MONDAY, SalesDeskCase

LOGGER = "odoo.addons.sales_automation.models.aside"


@tagged("post_install", "-at_install")
class TestPanel(SalesDeskCase):
    """The side panel answers from the deal's own rows, for whoever may read the deal."""

    def _read(self, deal, user=None):
        self.env.invalidate_all()
        return {
            section["key"]: section
            for section in deal.with_user(user or self.ines).get_deal_panel()}

    def test_the_stages_are_told_from_the_newest(self):  # SA-1
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
        with self.at(f"{MONDAY} 10:00:00"):
            deal.stage_id = self.stage_offer
        with self.at(f"{MONDAY} 10:30:00"):
            deal.stage_id = self.stage_new
        with self.at(f"{MONDAY} 11:00:00"):
            section = self._read(deal)["stages"]
        self.assertEqual(section["kind"], "timeline")
        self.assertEqual(
            [(stay["stage"], stay["duration"], stay["seconds"]) for stay in section["data"]],
            [("Fresh", "30 min", 1800), ("Offer", "30 min", 1800), ("Fresh", "2 h", 7200)])
        self.assertEqual(section["data"][0]["marks"], ["moved back"])
        self.assertEqual(section["data"][0]["user"], {"id": self.ines.id, "name": "Ines"})
        self.assertFalse(section["data"][0]["left"])

    def test_a_long_way_is_cut_and_can_be_opened_whole(self):  # SA-1
        deal = self._create_deal()
        for hour in range(10):
            with self.at(f"2026-03-03 {hour:02}:00:00"):
                deal.stage_id = (self.stage_offer, self.stage_new)[hour % 2]
        section = self._read(deal)["stages"]
        self.assertEqual(len(section["data"]), 8)
        method = section["buttons"][0]["method"]
        self.assertEqual(getattr(deal, method)()["res_model"], "sales.stage.history")

    def test_hand_offs_and_sleeps_are_one_story(self):
        with self.at(f"{MONDAY} 08:00:00"):
            deal = self._create_deal()
            self._hand_off(deal, user=self.finn)
        lines = self._read(deal)["moves"]["lines"]
        self.assertEqual(
            [(line["text"], line["detail"]) for line in lines], [("from Ines for Finn", "Waiting")])
        with self.at("2026-03-04 08:00:00"):
            self._put_off(deal, "2026-05-04", note="After the budget round")
        section = self._read(deal)
        self.assertRegex(  # the year, too, where it is another one
            section["moves"]["lines"][0]["detail"],
            "Comes back on May 4(, 2026)? · After the budget round")
        self.assertFalse(section["moves"]["folded"])
        self.assertEqual(section["stages"]["badge"], {"text": "Not Now", "tone": "warning"})

    def test_a_lead_has_no_panel(self):
        lead = self._create_deal(type="lead")
        self.assertEqual(lead.with_user(self.ines).get_deal_panel(), [])

    def test_nobody_reads_the_panel_of_a_foreign_deal(self):
        with self.assertRaises(AccessError):
            self._read(self._create_deal(), user=self.fay)

    @mute_logger(LOGGER)
    def test_a_broken_card_says_so_and_leaves_the_others(self):
        deal = self._create_deal()
        model = type(self.env["crm.lead"])

        def divide_by_zero(lead, now):
            lead.env.execute_query(SQL("SELECT 1 / 0"))

        with patch.object(model, "_deal_panel_stages", divide_by_zero), \
                patch.object(model, "_deal_panel_moves", lambda lead, now: {"empty": "Nothing"}):
            panel = self._read(deal)
        self.assertEqual(panel["stages"]["badge"]["tone"], "danger")
        self.assertEqual(panel["stages"]["title"], "Stages")
        self.assertEqual(panel["stages"]["lines"][0]["text"], "This part could not be read.")
        self.assertEqual(panel["moves"]["empty"], "Nothing")

    def test_reading_costs_the_same_for_a_long_story(self):
        short, long = self._create_deals(2)
        for hour in range(12):
            with self.at(f"2026-03-03 {hour:02}:00:00"):
                deals = long | short if hour > 9 else long
                deals.stage_id = (self.stage_offer, self.stage_new)[hour % 2]
        self._read(short)
        self.assertEqual(self._count_queries(short), self._count_queries(long))

    def _count_queries(self, deal):
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        deal.with_user(self.ines).get_deal_panel()
        return self.cr.sql_log_count - before

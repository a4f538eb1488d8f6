from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_figures import FiguresCase

BEGIN = fields.Datetime.to_datetime("2026-02-02 08:00:00")
MEASURES = ["reached:sum", "skipped:sum", "dropped:sum", "waiting:sum"]


@tagged("post_install", "-at_install")
class TestFunnel(FiguresCase):
    """Who came how far: a skipped stage was reached, a merged stay and a reset were not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage_talk = cls.env["crm.stage"].create({"name": "Talk", "sequence": 20})
        # The stages of the story, whatever else the database has between them.
        cls.ladder = (cls.stage_new | cls.stage_talk | cls.stage_offer | cls.stage_won).ids

    def _walk(self, *steps, **kw):
        """A deal that enters the given stages a day after the other."""
        with self.at(BEGIN):
            deal = self._create_deal(stage_id=steps[0].id, **kw)
        for day, stage in enumerate(steps[1:], 1):
            with self.at(BEGIN + timedelta(days=day)):
                deal.stage_id = stage
        return deal

    def _funnel(self, deals, measures=MEASURES):
        domain = [("lead_id", "in", deals.ids), ("stage_id", "in", self.ladder)]
        return self._group("sales.funnel.report", domain, "stage_id", measures)[0]

    def test_by_hand(self):  # SA-13
        new, talk, offer, won = (
            self.stage_new, self.stage_talk, self.stage_offer, self.stage_won)
        straight = self._walk(new, talk, offer, won)
        skipped = self._walk(new, offer, won)          # Talk was passed by
        back = self._walk(new, offer, talk)            # reached Offer all the same; open
        lost = self._walk(new, talk)
        early = self._walk(new)
        self._lose(lost, BEGIN + timedelta(days=9))
        self._lose(early, BEGIN + timedelta(days=9), self.spam)
        deals = straight | skipped | back | lost | early
        self.assertEqual(self._funnel(deals), {
            "Fresh": (5, 0, 1, 0), "Talk": (4, 1, 1, 0), "Offer": (3, 0, 0, 1),
            "Sold": (2, 0, 0, 0)})
        rates = self._funnel(deals, ["went_on:avg"])
        self.assertAlmostEqual(rates["Fresh"][0], 4 / 5)
        self.assertAlmostEqual(rates["Talk"][0], 3 / 4)
        self.assertAlmostEqual(rates["Offer"][0], 2 / 2, msg="the open deal is not decided")
        self.assertIs(rates["Sold"][0], False)

    def test_a_skipped_stage_has_no_time(self):  # SA-3, SA-13: no row is not 0 days
        skipped = self._walk(self.stage_new, self.stage_offer, self.stage_won)
        straight = self._walk(self.stage_new, self.stage_talk, self.stage_offer, self.stage_won)
        rows = self._funnel(skipped | straight, ["days:avg", "days_median:avg"])
        self.assertEqual(rows["Talk"], (1.0, 1.0), "of the one deal that was there")
        alone = self._funnel(skipped, ["days:avg"])
        self.assertIs(alone["Talk"][0], False)
        self.assertEqual(alone["Offer"], (1.0,))

    def test_won_and_reopened_is_not_won(self):  # SA-13
        deal = self._walk(self.stage_new, self.stage_won)
        with self.at(BEGIN + timedelta(days=5)):
            deal.write({"stage_id": self.stage_new.id, "probability": 10})
        self.assertEqual(self._funnel(deal), {"Fresh": (1, 0, 0, 1)})

    def test_merged_stays_are_not_ours(self):  # SA-13
        head = self._walk(self.stage_talk, probability=90)
        tail = self._walk(self.stage_new, self.stage_offer, self.stage_new, probability=10)
        (head | tail).merge_opportunity()
        survivor = (head | tail).exists()
        expected = {"Talk", "Fresh"} if survivor == head else {"Fresh", "Talk", "Offer"}
        self.assertEqual(set(self._funnel(survivor)), expected)

    def test_reset_by_the_system_is_no_step(self):  # SA-13
        with self.at(BEGIN):
            deal = self._create_deal()
        self.env["sales.stage.history"].sudo().create({
            "lead_id": deal.id, "stage_id": self.stage_offer.id, "is_system": True,
            "entered_at": BEGIN, "left_at": BEGIN, "seconds": 0})
        self.assertEqual(set(self._funnel(deal)), {"Fresh"})

    def test_stage_of_another_team(self):  # SA-13
        deal = self._walk(
            self.stage_new, self.stage_won, user_id=self.finn.id, team_id=self.team_field.id)
        inside = self._walk(self.stage_new, self.stage_won)
        rows = self.env["sales.funnel.report"].search(
            [("lead_id", "in", (deal | inside).ids), ("stage_id", "=", self.stage_inside.id)])
        self.assertEqual(rows.lead_id, inside)
        self.assertTrue(rows.skipped)

    def test_figures_open(self):  # SA-13
        deals = self._walk(self.stage_new, self.stage_offer) | self._walk(self.stage_new)
        domain = [("lead_id", "in", deals.ids)]
        self.assertOpensWhatItCounts("sales.funnel.report", domain, "stage_id", "reached")
        row = self.env["sales.funnel.report"].search(domain, limit=1)
        self.assertEqual(row.action_open_lead()["res_id"], row.lead_id.id)

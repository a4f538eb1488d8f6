from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .test_stale import DAY, NOW, DisciplineCase


@tagged("post_install", "-at_install")
class TestHealth(DisciplineCase):
    """How a deal does, with reasons whose points add up."""

    def _health(self, deal):
        with self.at(NOW):
            self.env.invalidate_all()
            return deal._deal_health(self.now)[deal.id]

    def _plan(self, deal, days):
        deal.activity_schedule(
            "mail.mail_activity_data_call", (self.now + days * DAY).date(), user_id=self.ines.id)

    def test_points_by_hand(self):  # SA-17
        deal = self._deal(40, 31, date_deadline=(self.now - 2 * DAY).date(), slips=2)
        self._plan(deal, -5)
        # no contact > 14: -15, > 30: -15; overdue by 5 > 3: -10, but a step is there;
        # date passed: -20; put off twice: -15; one person: -5
        verdict = self._health(deal)
        self.assertEqual(
            (verdict["score"], verdict["level"]), (-15 - 15 - 10 - 20 - 15 - 5, "risk"))
        self.assertEqual(
            [(reason["points"], reason["text"]) for reason in verdict["reasons"]], [
                (-30, "No contact with the customer for 31 days"),
                (-20, "The closing date passed 2 days ago"),
                (-15, "The closing date was put off 2 times"),
                (-10, "The next step is overdue: 5 days"),
                (-5, "Only one person of the customer is involved")])

    def test_good_deal(self):  # SA-17
        deal = self._deal(40, 2)
        self._plan(deal, 3)
        verdict = self._health(deal)
        self.assertEqual((verdict["score"], verdict["level"]), (10 - 5, "good"))
        self.assertEqual(verdict["reasons"][-1]["text"], "The customer was in touch 2 days ago")

    def test_silence_that_was_agreed_is_no_trouble(self):  # SA-6, SA-17
        texts = [reason["text"] for reason in self._health(
            self._deal(40, 35, kind="mail_out", snooze=30))["reasons"]]
        self.assertFalse([text for text in texts if "contact" in text or "wrote" in text])

    def test_the_card_says_how_it_is_and_what_is_left_of_100(self):  # SA-17
        good, watched = self._deal(40, 2), self._deal(40, 2)
        self._plan(good, 3)  # answered: +10, one person: -5
        with self.at(NOW):  # nothing planned: -15 more
            cards = [deal._deal_panel_health(self.now) for deal in (good, watched)]
        self.assertEqual([card["badge"]["text"] for card in cards], ["Good", "Good"])
        self.assertEqual(
            [card["lines"][-1]["text"] for card in cards],
            ["100 of 100 points", "90 of 100 points"])
        self.assertEqual(
            cards[0]["lines"][-1]["detail"], "Watch at 85 or less, at risk at 60 or less")

    def test_too_little_to_judge_is_said(self):  # SA-17
        verdict = self._health(self._deal(1))
        self.assertEqual((verdict["level"], verdict["score"]), (False, 0))
        self.assertIn("Too early to judge", verdict["reasons"][0]["text"])

    def test_closed_deals_are_not_judged(self):  # SA-17
        deal = self._deal(40, 2, stage_id=self.stage_won.id)
        with self.at(NOW):
            self.assertFalse(deal._deal_health(self.now))
            self.assertFalse(deal.health_level)

    def test_amount_probability_and_quotation(self):  # SA-17
        deal = self._deal(40, 2, expected_revenue=1000, probability=60)
        self._plan(deal, 3)
        deal.write({"expected_revenue": 800, "probability": 40})
        order = self.env["sale.order"].create({
            "partner_id": self.carla.id, "opportunity_id": deal.id})
        order.write({
            "state": "sent", "date_order": self.now - 1 * DAY,
            "validity_date": (self.now - 4 * DAY).date()})
        texts = {reason["text"]: reason["points"] for reason in self._health(deal)["reasons"]}
        self.assertEqual(texts["The amount fell by 20 % from its highest"], -10)
        self.assertEqual(texts["The probability fell by 20 points in this stage"], -10)
        self.assertEqual(texts["A quotation expired 4 days ago"], -10)

    def test_we_wrote_last(self):  # SA-17
        deal = self._deal(40, 1, kind="mail_out")
        deal.sudo().last_reply_at = self._ago(11)
        texts = [reason["text"] for reason in self._health(deal)["reasons"]]
        self.assertIn("We wrote last; no sign of the customer for 11 days", texts)

    def test_search_is_what_is_shown(self):  # SA-17
        late = (self.now - timedelta(days=2)).date()
        cast = [
            self._deal(1), self._deal(1, 0), self._deal(40, 2), self._deal(40, 16),
            self._deal(40, 31), self._deal(40, 31, date_deadline=late, slips=2), self._deal(5),
            self._deal(40, 2, slips=2), self._deal(40, 1, kind="mail_out"),
            self._deal(40, 2, stage_id=self.stage_won.id)]
        self._plan(cast[2], 3)
        self._plan(cast[3], -5)
        deals = self.env["crm.lead"].union(*cast)
        with self.at(NOW):
            self.env.invalidate_all()
            levels = deals.mapped("health_level")
            self.assertEqual(set(levels), {"good", "watch", "risk", False})
            for wanted in ({"good"}, {"watch"}, {"risk"}, {"risk", "watch"}, {False},
                           {"good", False}):
                self.assertEqual(
                    deals.search([("id", "in", deals.ids), ("health_level", "in", list(wanted))]),
                    deals.filtered(lambda d, w=wanted: d.health_level in w).sorted(), wanted)

    def test_rules_are_data(self):  # SA-17
        deal = self._deal(40, 2)
        rules = self.env["sales.health.rule"]
        with self.assertRaises(AccessError):
            rules.with_user(self.lea).create({"kind": "no_step", "points": -5})
        rules.search([]).active = False
        self.assertEqual(self._health(deal)["score"], 0)
        rule = rules.with_user(self.max).create(
            {"kind": "answered", "threshold": 3, "points": -50})
        self.assertEqual((self._health(deal)["score"], self._health(deal)["level"]), (-50, "risk"))
        with self.at(NOW):
            self.assertIn(deal, deal.search([("health_level", "=", "risk")]))
        with self.assertRaisesRegex(ValidationError, "not zero"):
            rule.points = 0
        with self.assertRaises(ValidationError):
            rule.threshold = -1

    def test_twelve_deals_cost_as_much_as_one(self):  # SA-17
        deals = self.env["crm.lead"].union(*(self._deal(40, 30) for _each in range(12)))
        self.env.flush_all()
        with self.at(NOW):
            for count in (1, 12):
                self.env["sales.health.rule"].invalidate_model()
                with self.assertQueryCount(2):
                    deals[:count]._deal_health(self.now)

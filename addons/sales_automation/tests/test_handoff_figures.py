from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import MONDAY, SalesDeskCase


@tagged("post_install", "-at_install")
class TestHandoffFigures(SalesDeskCase):
    """What hand-offs have to say, who is chased for an answer, and what became of them."""

    def _request(self, deal, **kw):
        return self.env["sales.handoff.request"].with_user(self.ines).create({
            "lead_id": deal.id, "to_user_id": self.finn.id, "need": "Grinder",
            "authority": "Plant manager", "budget": "40,000", "timing": "June", **kw})

    def _notices(self, deal, user):
        return self.env["mail.message"].search([
            ("model", "=", "crm.lead"), ("res_id", "=", deal.id),
            ("message_type", "=", "user_notification"),
            ("partner_ids", "in", user.partner_id.ids)])

    # ---- the brief ----------------------------------------------------------------------------

    def test_company_says_what_is_required(self):  # SA-8
        deal = self._create_deal()
        with self.assertRaisesRegex(ValidationError, "needs to know: Budget"):
            self._request(deal, budget=" ")
        self.env.company.sales_handoff_budget_required = False
        self._request(deal, budget=False).action_send()
        self.assertFalse(deal.handoff_ids.budget)

    def test_required_on_screen(self):  # SA-8
        deal = self._create_deal()
        self.env.company.sales_handoff_timing_required = False
        form = Form(self.env["sales.handoff.request"].with_user(self.ines).with_context(
            default_lead_id=deal.id))
        form.to_user_id = self.finn
        form.need, form.authority = "Grinder", "Plant manager"
        with self.assertRaises(AssertionError):
            form.save()  # the budget is required
        form.budget = "40,000"
        form.save().action_send()
        self.assertEqual(deal.handoff_ids.state, "requested")

    def test_the_agreed_meeting(self):  # SA-8
        customer = self.env["res.partner"].create({"name": "Cora"})
        deal = self._create_deal(partner_id=customer.id)
        with self.at(f"{MONDAY} 09:00:00"):
            with self.assertRaisesRegex(ValidationError, "lie in the future"):
                self._request(deal, meeting_start="2026-03-01 09:00:00")
            self._request(deal, meeting_start="2026-03-05 14:00:00").action_send()
        meeting = deal.handoff_ids.meeting_id
        self.assertEqual((meeting.user_id, meeting.opportunity_id), (self.finn, deal))
        self.assertEqual(str(meeting.stop), "2026-03-05 15:00:00")
        self.assertEqual(meeting.partner_ids, self.finn.partner_id | customer)

    # ---- chasing ------------------------------------------------------------------------------

    def test_reminded_once_before_the_deadline(self):  # SA-8
        deal, answered = self._create_deals(2)
        with self.at(f"{MONDAY} 09:00:00"):
            handoff = self._hand_off(deal, self.finn)
            self._hand_off(answered, self.finn).with_user(self.finn).action_accept()
        self.assertEqual(str(handoff.remind_at), f"{MONDAY} 12:00:00", "an hour of work before")
        with self.at(f"{MONDAY} 11:59:00"):
            self._run_cron("ir_cron_chase_handoffs")
        self.assertFalse(self._notices(deal, self.finn))
        with self.at(f"{MONDAY} 13:00:00"):
            self._run_cron("ir_cron_chase_handoffs")
            self._run_cron("ir_cron_chase_handoffs")
        self.assertEqual(len(self._notices(deal, self.finn)), 1)
        self.assertIn("1 h left", self._notices(deal, self.finn).body)
        self.assertFalse(self._notices(answered, self.finn))

    def test_no_reminder_when_switched_off(self):  # SA-8
        self.env.company.sales_handoff_remind_hours = 0
        self.assertFalse(self._hand_off(self._create_deal(), self.finn).remind_at)

    def test_a_second_person_is_told(self):  # SA-8
        self.env.company.write({
            "sales_handoff_second_hours": 8, "sales_handoff_second_user_id": self.max.id})
        deal = self._create_deal()
        with self.at(f"{MONDAY} 09:00:00"):
            handoff = self._hand_off(deal, self.finn)
        with self.at(f"{MONDAY} 14:00:00"):
            self._run_cron("ir_cron_expire_handoffs")
        self.assertEqual(str(handoff.second_at), "2026-03-03 14:00:00")
        with self.at("2026-03-03 14:00:00"):
            self._run_cron("ir_cron_chase_handoffs")
            self._run_cron("ir_cron_chase_handoffs")
        told = deal.activity_ids.filtered(lambda row: row.user_id == self.max)
        self.assertEqual((len(told), handoff.second_told_id), (1, self.max))
        handoff.with_user(self.finn).action_accept()
        self.assertFalse(deal.activity_ids)

    def test_time_left_in_words(self):  # SA-8
        with self.at(f"{MONDAY} 09:00:00"):
            handoff = self._hand_off(self._create_deal(), self.finn)
        cases = [
            (f"{MONDAY} 11:30:00", "1 h 30 min left"),
            (f"{MONDAY} 12:30:00", "1 h left"),
            (f"{MONDAY} 15:15:00", "1 h 15 min overdue"),
            ("2026-03-03 08:30:00", "3 h 30 min overdue"),
        ]
        for moment, words in cases:
            with self.at(moment):
                handoff.invalidate_recordset()
                self.assertEqual(handoff.time_left, words, moment)

    # ---- figures ------------------------------------------------------------------------------

    def test_figures_by_hand(self):  # SA-8
        """Five asked: two accepted (1 h, 3 h; one won), one rejected (2 h), one late, one open."""
        deals = self._create_deals(5, expected_revenue=1000)
        with self.at(f"{MONDAY} 08:00:00"):
            first, second, third, late, _open = [self._hand_off(deal, self.finn)
                                                 for deal in deals]
        with self.at(f"{MONDAY} 09:00:00"):
            first.with_user(self.finn).action_accept()
        with self.at(f"{MONDAY} 10:00:00"):
            third.with_user(self.finn)._claim("can_answer")._set_rejected(
                self.reject_reason, "", fields.Datetime.now())
        with self.at(f"{MONDAY} 11:00:00"):
            second.with_user(self.finn).action_accept()
        with self.at(f"{MONDAY} 16:00:00"):
            self._run_cron("ir_cron_expire_handoffs")
            late.with_user(self.finn).action_accept()
            deals[0].action_set_won()
            self.env.flush_all()
            report = self.env["sales.handoff.report"].with_user(self.max)
            [row] = report._read_group([("lead_id", "in", deals.ids)], [], [
                "asked_count:sum", "accepted_count:sum", "rejected_count:sum",
                "waiting_count:sum", "late_count:sum", "accepted_share:avg", "hours:avg",
                "hours_median:avg", "won_count:sum", "won_amount:sum"])
        asked, accepted, rejected, waiting, n_late, share, mean, median, won, amount = row
        self.assertEqual((asked, accepted, rejected, waiting, n_late), (5, 3, 1, 1, 2))
        self.assertAlmostEqual(share, 3 / 4)
        self.assertAlmostEqual(mean, (1 + 2 + 3 + 7) / 4, msg="the lunch hour is no work")
        self.assertAlmostEqual(median, 2.5)
        self.assertEqual((won, amount), (1, 1000))

    def test_figures_keep_to_ones_own(self):  # SA-8
        handoff = self._hand_off(self._create_deal(), self.finn)
        self.env.flush_all()
        report = self.env["sales.handoff.report"]
        for user, sees in ((self.ines, True), (self.finn, True), (self.fay, False),
                           (self.lea, True)):
            found = report.with_user(user).search([("handoff_id", "=", handoff.id)])
            self.assertEqual(bool(found), sees, user.name)

    def test_leaders_see_what_waits_in_their_teams(self):  # SA-8
        handoff = self._hand_off(self._create_deal(), self.finn)
        named = self.env.ref("sales_automation.sales_handoff_action_waiting")
        self.assertIn("search_default_my_teams", named.context)
        arch = self.env["sales.handoff"].with_user(self.lea).get_view(view_type="search")["arch"]
        self.assertIn("my_teams", arch)
        waiting = self.env["sales.handoff"].with_user(self.lea).search([
            ("state", "in", ["requested", "expired"]),
            ("lead_id.team_id.user_id", "=", self.lea.id)])
        self.assertIn(handoff, waiting)
        self.assertTrue(waiting.filtered("can_answer"))

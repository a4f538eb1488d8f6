from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import MONDAY, SalesDeskCase


@tagged("post_install", "-at_install")
class TestHandoff(SalesDeskCase):
    """Inside sales asks, field sales answers within working hours, and nobody is left waiting."""

    def _activities(self, deal, user):
        return self.env["mail.activity"].search([
            ("res_model", "=", "crm.lead"), ("res_id", "=", deal.id), ("user_id", "=", user.id)])

    def test_accept(self):  # SA-8
        deal = self._create_deal(stage_id=self.stage_inside.id)
        handoff = self._hand_off(deal, self.finn)
        self.assertEqual((handoff.state, handoff.from_user_id), ("requested", self.ines))
        self.assertEqual(deal.user_id, self.ines, "nothing changes hands before the answer")
        self.assertEqual(deal.with_user(self.finn).name, deal.name, "the receiver reads the deal")
        self.assertTrue(self._activities(deal, self.finn))
        deal.with_user(self.finn).action_accept_handoff()
        self.assertEqual((handoff.state, handoff.answered_by_id), ("accepted", self.finn))
        self.assertEqual((deal.user_id, deal.team_id), (self.finn, self.team_field))
        self.assertEqual(deal.stage_id, self.stage_inside, "the stage of another team is kept")
        self.assertFalse(self._activities(deal, self.finn))
        stays = deal.stage_history_ids
        self.assertEqual(len(stays), 1, "no stay was broken off")
        deal.with_user(self.finn).write({"expected_revenue": 2000})

    def test_inside_keeps_reading(self):  # SA-8
        deal = self._create_deal()
        told = self._hand_off(deal, self.finn).with_user(self.finn).action_accept()["params"]
        self.assertEqual(told["message"], "%s now belongs to you.")
        self.assertEqual(
            told["links"], [{"label": deal.name, "url": f"/odoo/crm.lead/{deal.id}"}])
        self.env.invalidate_all()
        as_ines = deal.with_user(self.ines)
        self.assertEqual((as_ines.name, as_ines.inside_user_id), (deal.name, self.ines))
        self.assertTrue(as_ines.stage_history_ids.mapped("stage_id.name"))
        self.assertIn(deal, self.env["crm.lead"].with_user(self.ines).search([]))
        self.assertFalse(as_ines.sales_can_write, "no buttons that would fail")
        self.assertTrue(deal.with_user(self.finn).sales_can_write)
        with self.assertRaises(AccessError):
            as_ines.write({"name": "Mine again"})
        with self.assertRaises(AccessError):
            deal.with_user(self.fay).read(["name"])

    def test_reject_goes_back_with_a_reason(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        action = deal.with_user(self.finn).action_reject_handoff()
        wizard = self.env["sales.handoff.reject"].with_user(self.finn).with_context(
            **action["context"])
        with self.assertRaises(AssertionError), Form(wizard):
            pass  # the reason is required
        form = Form(wizard)
        form.reason_id = self.reject_reason
        form.note = "Who signs?"
        after = form.save().action_reject()
        self.assertEqual(after["res_model"], "sales.handoff", "the deal's form must not reload")
        self.assertEqual(
            (handoff.state, handoff.reject_reason_id), ("rejected", self.reject_reason))
        self.assertEqual(deal.user_id, self.ines)
        self.assertIn(self.reject_reason.name, self._activities(deal, self.ines).summary)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            deal.with_user(self.finn).read(["name"])
        again = self._hand_off(deal, self.fay)
        self.assertEqual(again.state, "requested")

    def _hand_off_with_meeting(self, deal):
        wizard = self.env["sales.handoff.request"].with_user(self.ines).create({
            "lead_id": deal.id, "receiver": "person", "to_user_id": self.finn.id,
            "need": "Grinder", "authority": "He", "budget": "40,000", "timing": "Soon",
            "meeting_start": fields.Datetime.now() + timedelta(days=3)})
        wizard.action_send()
        return deal.handoff_ids.filtered(lambda row: row.state == "requested")

    def _reject(self, handoff, **kw):
        self.env["sales.handoff.reject"].with_user(self.finn).create({
            "handoff_id": handoff.id, "reason_id": self.reject_reason.id, **kw}).action_reject()

    def test_a_rejected_meeting_goes_back_too(self):  # SA-8
        deal = self._create_deal(partner_id=self.env["res.partner"].create({"name": "Cora"}).id)
        handoff = self._hand_off_with_meeting(deal)
        meeting = handoff.meeting_id
        self.assertEqual(meeting.user_id, self.finn)
        wizard = self.env["sales.handoff.reject"].with_user(self.finn).new(
            {"handoff_id": handoff.id})
        self.assertEqual(wizard.meeting_start, meeting.start, "the dialog asks about it")
        self._reject(handoff)
        self.assertEqual(meeting.user_id, self.ines)
        self.assertEqual(meeting.partner_ids, self.ines.partner_id | deal.partner_id)

    def test_a_rejected_meeting_is_cancelled_on_demand(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off_with_meeting(deal)
        self._reject(handoff, meeting_way="cancel")
        self.assertFalse(handoff.meeting_id.active)
        self.assertIn("tell the customer", " ".join(deal.message_ids.mapped("body")))

    def test_a_withdrawn_meeting_is_the_senders(self):  # SA-8; one that is over stays as it was
        deal, past = self._create_deals(2)
        handoffs = self._hand_off_with_meeting(deal) | self._hand_off_with_meeting(past)
        held = handoffs[1].meeting_id
        held.with_context(skip_attendee_notification=True).write({
            "start": "2026-01-05 10:00:00", "stop": "2026-01-05 11:00:00"})
        handoffs.with_user(self.ines).action_cancel()
        self.assertEqual(handoffs[0].meeting_id.user_id, self.ines)
        self.assertEqual(held.user_id, self.finn)

    def test_team_queue_first_come(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, team=self.team_field)
        self.assertFalse(handoff.to_user_id)
        self.assertTrue(deal.with_user(self.fay).handoff_can_answer)
        self.assertEqual(deal.with_user(self.fay).name, deal.name)
        handoff.with_user(self.fay).action_accept()
        self.assertEqual((deal.user_id, deal.team_id), (self.fay, self.team_field))

    def test_two_managers_at_once(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        other = self._create_user("moa", "sales_team.group_sale_manager")
        handoff.with_user(self.max).action_accept()
        with self.assertRaisesRegex(UserError, "already answered: Accepted by Max"):
            handoff.with_user(other).action_accept()
        with self.assertRaisesRegex(UserError, "already answered"):
            self.env["sales.handoff.reject"].with_user(other).create({
                "handoff_id": handoff.id, "reason_id": self.reject_reason.id}).action_reject()
        self.assertEqual((deal.user_id, handoff.state), (self.finn, "accepted"))

    def test_only_the_addressed(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        with self.assertRaises(AccessError):
            handoff.with_user(self.fay).action_accept()
        with self.assertRaisesRegex(AccessError, "not addressed to you"):
            handoff.with_user(self.ines).action_accept()
        with self.assertRaises(AccessError):
            handoff.with_user(self.finn).write({"state": "accepted"})
        self.assertEqual(handoff.state, "requested")

    def test_withdraw(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        with self.assertRaises(AccessError):
            handoff.with_user(self.finn).action_cancel()
        handoff.with_user(self.ines).action_cancel()
        self.assertEqual((handoff.state, deal.handoff_to_id.id), ("cancelled", False))
        self.assertFalse(self._activities(deal, self.finn))

    def test_closing_the_deal_ends_the_request(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        deal.with_user(self.ines).action_set_won()
        self.assertEqual(handoff.state, "cancelled")

    # ---- deadline ---------------------------------------------------------------------------

    def test_deadline_in_working_hours(self):  # SA-8
        cases = [  # asked, answer until: 4 working hours later
            (f"{MONDAY} 09:00:00", f"{MONDAY} 14:00:00"),  # over the lunch break
            (f"{MONDAY} 15:00:00", "2026-03-03 10:00:00"),
            ("2026-03-06 16:00:00", "2026-03-09 11:00:00"),  # over the weekend
            ("2026-03-07 03:00:00", "2026-03-09 12:00:00"),
        ]
        for asked, until in cases:
            with self.at(asked):
                handoff = self._hand_off(self._create_deal(), self.finn)
            self.assertEqual(str(handoff.deadline_at), until, asked)

    def test_setting_counts(self):  # SA-8
        self.env.company.sales_handoff_hours = 1
        with self.at(f"{MONDAY} 09:00:00"):
            handoff = self._hand_off(self._create_deal(), self.finn)
        self.assertEqual(str(handoff.deadline_at), f"{MONDAY} 10:00:00")
        with self.at(f"{MONDAY} 09:30:00"):
            handoff.with_user(self.finn).action_accept()
        self.assertAlmostEqual(handoff.answer_hours, 0.5)

    def test_schedule_without_hours(self):  # SA-8
        self.env.company.resource_calendar_id.attendance_ids.unlink()
        with self.at(f"{MONDAY} 09:00:00"):
            handoff = self._hand_off(self._create_deal(), self.finn)
        self.assertEqual(str(handoff.deadline_at), f"{MONDAY} 13:00:00")

    def test_expire_escalate_and_accept_late(self):  # SA-8
        trigger = self.env["ir.cron.trigger"]
        with self.at(f"{MONDAY} 09:00:00"):
            deal, late = self._create_deals(2)
            handoff = self._hand_off(deal, self.finn)
            answered = self._hand_off(late, self.finn)
        cron = self.env.ref("sales_automation.ir_cron_expire_handoffs")
        self.assertIn(
            handoff.deadline_at, trigger.search([("cron_id", "=", cron.id)]).mapped("call_at"))
        with self.at(f"{MONDAY} 13:59:00"):
            answered.with_user(self.finn).action_accept()
            self._run_cron("ir_cron_expire_handoffs")
            self.assertEqual(handoff.state, "requested")
        with self.at(f"{MONDAY} 14:00:00"):
            self._run_cron("ir_cron_expire_handoffs")
        self.assertEqual((handoff.state, handoff.escalated_to_id), ("expired", self.lea))
        self.assertEqual(str(handoff.escalated_at), f"{MONDAY} 14:00:00")
        self.assertEqual(answered.state, "accepted")
        self.assertEqual(len(self._activities(deal, self.lea)), 1)
        self._run_cron("ir_cron_expire_handoffs")
        self.assertEqual(len(self._activities(deal, self.lea)), 1, "told once")
        handoff.with_user(self.finn).action_accept()
        self.assertEqual((handoff.state, deal.user_id), ("accepted", self.finn))
        self.assertFalse(self._activities(deal, self.lea))

    def test_a_broken_one_does_not_stop_the_others(self):  # SA-8
        with self.at(f"{MONDAY} 09:00:00"):
            handoffs = self.env["sales.handoff"]
            for deal in self._create_deals(3):
                handoffs |= self._hand_off(deal, self.finn)
        broken = handoffs[1]
        original = self.env.registry["sales.handoff"]._set_expired

        def explode(records, now):
            if broken in records:
                raise ValueError("The sky fell")
            return original(records, now)

        self.patch(self.env.registry["sales.handoff"], "_set_expired", explode)
        with self.at("2026-03-03 09:00:00"):
            self._run_cron("ir_cron_expire_handoffs")
        self.assertEqual(handoffs.mapped("state"), ["expired", "requested", "expired"])
        self.assertEqual(broken.failure, "The sky fell")

    def test_reminders_and_second_calls_are_counted_together(self):  # SA-8
        asked, late = (self._hand_off(deal, self.finn) for deal in self._create_deals(2))
        asked.sudo().write({"remind_at": "2026-01-01", "second_at": False})
        late.sudo().write({"remind_at": False, "second_at": "2026-01-01"})
        told = []

        def commit_progress(records, processed=0, **kw):
            told.append((processed, kw.get("remaining")))
            return 1

        self.patch(self.env.registry["ir.cron"], "_commit_progress", commit_progress)
        self.env["sales.handoff"]._cron_chase_handoffs()
        self.assertEqual(told, [(0, 2), (2, None)])
        self.assertFalse(asked.remind_at or late.second_at)

    def test_expiry_in_batches(self):  # SA-8: the cost of 40 is not 4 times the cost of 10
        costs = []
        for count in (10, 40):
            handoffs = self.env["sales.handoff"]
            for deal in self._create_deals(count):
                handoffs |= self._hand_off(deal, self.finn)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            handoffs.sudo()._set_expired(fields.Datetime.now() + timedelta(days=9))
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        self.assertLess(costs[1], costs[0] + 60, costs)

    # ---- the dialog -------------------------------------------------------------------------

    def test_brief_is_required(self):  # SA-8
        deal = self._create_deal()
        form = Form(self.env["sales.handoff.request"].with_user(self.ines).with_context(
            default_lead_id=deal.id))
        form.to_user_id = self.finn
        form.need = form.authority = form.budget = "x"
        with self.assertRaises(AssertionError):
            form.save()
        form.timing = "   "
        with self.assertRaisesRegex(ValidationError, "needs to know: Timing"):
            form.save()

    def test_one_request_at_a_time(self):  # SA-8
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        with self.assertRaisesRegex(UserError, "already waits"):
            self._hand_off(deal, self.fay)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            handoff.sudo().copy({"requested_at": handoff.requested_at})

    def test_only_open_deals_of_ones_own(self):  # SA-8
        won = self._create_deal(stage_id=self.stage_won.id)
        with self.assertRaisesRegex(UserError, "Only an open opportunity"):
            self._hand_off(won, self.finn)
        with self.assertRaises(AccessError):
            self._hand_off(self._create_deal(user_id=self.lea.id), self.finn, sender=self.ines)

    def test_receiver_of_another_company(self):  # SA-8
        company = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self._create_user(
            "sam", "sales_team.group_sale_salesman", company_id=company.id,
            company_ids=[fields.Command.set(company.ids)])
        with self.assertRaisesRegex(UserError, "does not work in"):
            self._hand_off(self._create_deal(company_id=self.env.company.id), stranger)

    def test_merge_keeps_the_requests(self):  # SA-8
        head, tail = self._create_deals(2)
        handoff = self._hand_off(tail, self.finn)
        (head | tail).merge_opportunity()
        survivor = (head | tail).exists()
        self.assertEqual(handoff.lead_id, survivor)

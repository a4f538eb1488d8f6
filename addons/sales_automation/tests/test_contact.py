from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import SalesDeskCase
from .test_clock import DAY_1, DAY_2, DAY_3

CONTACT = "odoo.addons.sales_automation.models.crm_lead_contact"
MAIL = """Return-Path: <carla@customer.example>
To: desk@test.example
From: Carla <carla@customer.example>
Subject: Re: Grinder
MIME-Version: 1.0
Date: Tue, 03 Mar 2026 07:00:00 +0000
Message-ID: <answer-1@customer.example>
In-Reply-To: {reference}
Content-Type: text/plain; charset=utf-8

Yes, send the offer.
"""


@tagged("post_install", "-at_install")
class TestContact(SalesDeskCase):
    """The last contact with the customer: what counts, what does not, and what follows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carla = cls.env["res.partner"].create({
            "name": "Carla", "email": "carla@customer.example"})

    def _deal(self, **kw):
        with self.at(DAY_1):
            return self._create_deal(partner_id=self.carla.id, **kw)

    def _post(self, record, moment, **kw):
        with self.at(moment):
            message = record.with_user(self.ines).sudo().message_post(
                body="Hello", **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment",
                                 **kw})
        return message

    def assertContact(self, deal, moment, kind):
        self.env.invalidate_all()
        self.assertEqual(
            (deal.last_contact_at, deal.last_contact_kind),
            (fields.Datetime.to_datetime(moment) or False, kind))

    def test_nothing_internal_counts(self):  # SA-6
        deal = self._deal()
        self._post(deal, DAY_2, subtype_xmlid="mail.mt_note")
        self._post(deal, DAY_2, partner_ids=self.lea.partner_id.ids)
        with self.at(DAY_2):
            deal.stage_id = self.stage_offer
            todo = deal.activity_schedule("mail.mail_activity_data_todo", user_id=self.ines.id)
            todo.action_feedback("Done")
        self.assertContact(deal, False, False)

    def test_mail_in_through_the_gateway(self):  # SA-6
        deal = self._deal()
        sent = self._post(deal, DAY_1, partner_ids=self.carla.ids)
        self.assertContact(deal, DAY_1, "mail_out")
        with self.at("2026-03-03 09:00:00"):
            self.env["mail.thread"].message_process(
                False, MAIL.format(reference=sent.message_id))
        self.assertIn("send the offer", deal.message_ids[0].body)
        self.assertContact(deal, "2026-03-03 07:00:00", "mail_in")
        self.assertEqual(str(deal.last_reply_at), "2026-03-03 07:00:00")

    def test_absence_notice_is_no_contact(self):  # SA-6
        deal = self._deal()
        sent = self._post(deal, DAY_1, partner_ids=self.carla.ids)
        for number, header in enumerate(
                ("Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes")):
            mail = MAIL.format(reference=sent.message_id).replace("answer-1", f"auto-{number}")
            with self.at(DAY_3):
                self.env["mail.thread"].message_process(
                    False, mail.replace("MIME-Version", f"{header}\nMIME-Version"))
            self.assertTrue(deal.message_ids[0].sales_auto_reply)
        self.assertContact(deal, DAY_1, "mail_out")
        self.env["crm.lead"]._backfill_contacts(deal.ids)
        self.assertContact(deal, DAY_1, "mail_out")

    def test_mail_out_is_no_sign_of_the_customer(self):  # SA-6
        deal = self._deal()
        self._post(deal, DAY_2, partner_ids=self.carla.ids)
        self.assertContact(deal, DAY_2, "mail_out")
        self.assertFalse(deal.last_reply_at)

    def test_customer_who_follows_gets_it_too(self):  # SA-6
        deal = self._deal()
        deal.message_subscribe(partner_ids=self.carla.ids)
        self._post(deal, DAY_2)
        self.assertContact(deal, DAY_2, "mail_out")

    def test_call_and_meeting_done(self):  # SA-6
        deal = self._deal()
        for moment, kind, xmlid in (
                (DAY_2, "call", "mail.mail_activity_data_call"),
                (DAY_3, "meeting", "mail.mail_activity_data_meeting")):
            with self.at(moment):
                deal.activity_schedule(xmlid, user_id=self.ines.id).action_feedback("Done")
            self.assertContact(deal, moment, kind)
        self.assertEqual(str(deal.last_reply_at), DAY_3)

    def test_a_call_that_nobody_took(self):  # SA-6: done, and no contact; the hourly job agrees
        deal = self._deal()
        with self.at(DAY_2):
            call = deal.activity_schedule("mail.mail_activity_data_call", user_id=self.ines.id)
            call.with_user(self.ines).action_no_answer()
        with self.at(DAY_3):
            self._run_cron("ir_cron_follow_contacts")
        self.assertFalse(deal.last_contact_at)
        self.assertEqual((call.active, call.feedback), (False, "No answer"))
        self.assertTrue(call.with_user(self.ines).get_what_next(), "what next, all the same")
        again = deal.activity_schedule("mail.mail_activity_data_call", user_id=self.ines.id)
        again.action_no_answer(feedback="Left a word with Bob")
        self.assertEqual(again.feedback, "No answer: Left a word with Bob")

    def test_quotation_seen_and_mailed(self):  # SA-6
        deal = self._deal()
        order = self.env["sale.order"].create({
            "partner_id": self.carla.id, "opportunity_id": deal.id})
        self._post(order, DAY_2, partner_ids=self.carla.ids)
        self.assertContact(deal, DAY_2, "mail_out")
        with self.at(DAY_3):
            order.message_post(
                body="Seen", message_type="notification", subtype_xmlid="sale.mt_order_viewed")
        self.assertContact(deal, DAY_3, "quote_seen")

    def test_past_meeting_with_a_guest(self):  # SA-6
        alone, met, declined = (self._deal() for _each in range(3))
        guests = (self.lea.partner_id, self.carla, self.carla)
        for deal, guest in zip((alone, met, declined), guests, strict=True):
            self.env["calendar.event"].create({
                "name": "Visit", "start": DAY_2, "stop": "2026-03-04 10:00:00",
                "opportunity_id": deal.id, "partner_ids": [fields.Command.link(guest.id)]})
        event = self.env["calendar.event"].search([("opportunity_id", "=", declined.id)])
        event.attendee_ids.filtered(lambda a: a.partner_id == self.carla).state = "declined"
        with self.at("2026-03-04 09:59:00"):
            self._run_cron("ir_cron_follow_contacts")
        self.assertContact(met, False, False)
        with self.at("2026-03-04 10:00:00"):
            self._run_cron("ir_cron_follow_contacts")
        self.assertContact(met, "2026-03-04 10:00:00", "meeting")
        self.assertContact(alone, False, False)
        self.assertContact(declined, False, False)

    def test_older_news_changes_nothing(self):  # SA-6
        deal = self._deal()
        self._post(deal, DAY_3, partner_ids=self.carla.ids)
        self._post(deal, DAY_2, partner_ids=self.carla.ids)
        self.assertContact(deal, DAY_3, "mail_out")

    def test_who_left_stays_a_colleague(self):  # SA-6
        deal = self._deal()
        self.ines.active = False
        self._post(deal, DAY_2, author_id=self.ines.partner_id.id)
        self.assertContact(deal, False, False)

    def test_backfill_finds_the_same(self):  # SA-6
        deal = self._deal()
        self._post(deal, DAY_1, partner_ids=self.carla.ids)
        self._post(deal, DAY_2, author_id=self.carla.id)
        self._post(deal, DAY_3, subtype_xmlid="mail.mt_note")
        self.env.flush_all()
        known = (deal.last_contact_at, deal.last_contact_kind, deal.last_reply_at)
        self.assertEqual(known[1], "mail_in")
        deal.sudo().write({
            "last_contact_at": False, "last_contact_kind": False, "last_reply_at": False})
        for _again in range(2):
            self.env["crm.lead"]._backfill_contacts(deal.ids)
            self.assertEqual(
                (deal.last_contact_at, deal.last_contact_kind, deal.last_reply_at), known)

    def test_a_busy_deal_is_caught_up(self):  # SA-6
        deal = self._deal()
        with patch.object(type(deal), "_touch", lambda self, contacts: self):
            self._post(deal, DAY_2, partner_ids=self.carla.ids)
        self.assertContact(deal, False, False)
        with self.at(DAY_2):
            self._run_cron("ir_cron_follow_contacts")
        self.assertContact(deal, DAY_2, "mail_out")

    def test_two_at_one_moment_are_told_alike(self):  # SA-6: one by one, or found at once
        for ours_first in (True, False):
            deal = self._deal()
            ours, theirs = {"partner_ids": self.carla.ids}, {"author_id": self.carla.id}
            for kw in (ours, theirs) if ours_first else (theirs, ours):
                self._post(deal, DAY_2, **kw)
            self.assertContact(deal, DAY_2, "mail_in")
            deal.sudo().write({
                "last_contact_at": False, "last_contact_kind": False, "last_reply_at": False})
            self.env["crm.lead"]._backfill_contacts(deal.ids)
            self.assertContact(deal, DAY_2, "mail_in")

    def test_no_lock_without_news(self):  # SA-6: a salesperson who saves is not held up
        deal = self._deal()
        self._post(deal, DAY_2, partner_ids=self.carla.ids)
        leads = self.env["crm.lead"]
        self.env.flush_all()
        plan = self.env.execute_query(SQL("EXPLAIN ANALYZE %s", leads._query_touch(
            leads._query_message_contacts("leads", deal.ids), fields.Datetime.now())))
        locked = [line for (line,) in plan if "LockRows" in line]
        self.assertEqual(len(locked), 1)
        self.assertRegex(locked[0], r"actual .*rows=0(\.00)? loops")

    def test_the_job_goes_on_where_its_time_ended(self):  # SA-6
        deals = [self._deal() for _each in range(3)]
        with patch.object(type(deals[0]), "_touch", lambda self, contacts: self):
            first = self._post(deals[0], DAY_2, partner_ids=self.carla.ids)
            for deal in deals[1:]:
                self._post(deal, DAY_2, partner_ids=self.carla.ids)
        self.env["ir.config_parameter"].set_param(
            "sales_automation.contact_watermark", first.id - 1)
        cron, steps = self.env.registry["ir.cron"], []

        def commit_progress(records, processed=0, **kw):
            steps.append((processed, kw.get("remaining")))
            return len(steps) < 3

        self.patch(cron, "_commit_progress", commit_progress)
        with self.at(DAY_3), patch(f"{CONTACT}.JOB_BATCH", 1):
            self.env["crm.lead"]._cron_follow_contacts()
        newest = self.env["crm.lead"]._get_newest_message()
        self.assertEqual(steps, [(0, 1 + newest - first.id + 1), (1, None), (1, None)])
        self.assertContact(deals[0], DAY_2, "mail_out")
        self.assertContact(deals[2], False, False)
        self.patch(cron, "_commit_progress", lambda records, *args, **kw: 1)
        with self.at(DAY_3), patch(f"{CONTACT}.JOB_BATCH", 1):
            self.env["crm.lead"]._cron_follow_contacts()
        self.assertContact(deals[2], DAY_2, "mail_out")

    def test_a_message_costs_no_query(self):  # SA-6: what is no contact is not looked at
        note = self._post(self._deal(), DAY_2, subtype_xmlid="mail.mt_note")
        note.message_type = "notification"
        self.env["crm.lead"]._note_contact(note)
        with self.assertQueryCount(0):
            self.env["crm.lead"]._note_contact(note)

    def test_write_date_stays(self):  # SA-6
        deal = self._deal()
        deal.flush_recordset()
        before = deal.write_date
        self._post(deal, DAY_2, partner_ids=self.carla.ids)
        self.env.invalidate_all()
        self.assertTrue(deal.last_contact_at)
        self.assertEqual(deal.write_date, before)

    def test_merge_takes_the_latest(self):  # SA-6
        one, other = self._deal(), self._deal()
        self._post(one, DAY_2, author_id=self.carla.id)
        self._post(other, DAY_3, partner_ids=self.carla.ids)
        (one | other).merge_opportunity()
        survivor = (one | other).exists()
        self.assertContact(survivor, DAY_3, "mail_out")
        self.assertEqual(str(survivor.last_reply_at), DAY_2)

    def test_nobody_writes_it_by_hand(self):  # SA-6
        with self.assertRaises(AccessError):
            self._deal().with_user(self.ines).write({"last_contact_at": DAY_2})

    def test_snooze_ends_when_the_customer_writes(self):  # SA-6
        deal = self._deal()
        with self.at(DAY_2):
            self.env["sales.snooze"].with_user(self.ines).create({
                "lead_ids": [fields.Command.set(deal.ids)], "until": "2026-04-01",
                "note": "Call me in April"}).action_apply()
        self.assertEqual(
            (str(deal.snooze_until), deal.snooze_by_id, deal.snooze_note),
            ("2026-04-01", self.ines, "Call me in April"))
        self.assertEqual(
            (str(deal.activity_ids.date_deadline), deal.activity_ids.summary),
            ("2026-04-01", "Call me in April"), "it will not be forgotten")
        later = fields.Datetime.to_datetime(DAY_2) + timedelta(hours=1)
        self._post(deal, later, partner_ids=self.carla.ids)
        self.env.invalidate_all()
        self.assertTrue(deal.snooze_until, "our own mail does not end it")
        self._post(deal, later + timedelta(hours=1), author_id=self.carla.id)
        self.env.invalidate_all()
        self.assertFalse(deal.snooze_until)

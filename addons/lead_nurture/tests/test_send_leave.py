from datetime import timedelta

from odoo import fields
from odoo.addons.lead_nurture.engine.gate import Verdict
from odoo.tests import tagged

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestSendLeave(GateCase):
    """The queue stood still. What has piled up meanwhile is asked for once more as it leaves."""

    def _queue(self, steps=None, **kw):
        scenario = self._create_scenario(steps or self._sends(), **kw)
        self._let_in(scenario)
        self._advance()
        return scenario

    def _stood_still(self, **delta):
        """What is in the queue was written so long ago."""
        sends = self.env["nurture.send"].search([("state", "=", "queued")])
        sends._write_rows(planned_at=self._later() - timedelta(**delta))
        return sends

    def _mail_of(self, send):
        return self.env["mail.mail"].search([("nurture_send_id", "in", send.ids)])

    def _again(self):
        """The moment has come to which mails were put off."""
        self.env["mail.mail"].search([("nurture_send_id", "!=", False)]).scheduled_date = False
        return len(self._deliver())

    def test_a_pause_stops_what_is_queued(self):  # LN-39
        ann = self._create_lead()
        scenario = self._queue()
        scenario.action_pause()
        self.assertFalse(self._deliver())
        mail = self._mail_of(self._sends_of(ann))
        self.assertEqual(mail.state, "outgoing")
        self.assertGreater(mail.scheduled_date, fields.Datetime.now())
        self.assertFalse(self._again(), "as long as the pause lasts")
        scenario._set_running()
        self.assertEqual(self._again(), 1)

    def test_a_mail_that_is_too_late_does_not_leave(self):  # LN-35, RELIABILITY
        ann, bob = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._queue(self._sends(max_late_days=3))
        self._stood_still(days=5)
        self._sends_of(bob)._write_rows(planned_at=self._later(days=-2))
        self.assertEqual(len(self._deliver()), 1)
        send = self._sends_of(ann)
        mail = self._mail_of(send)
        self.assertEqual((mail.state, mail.failure_type), ("cancel", "nurture_late"))
        self._settle()
        self.assertEqual((send.state, send.failure_type), ("cancel", "nurture_late"))
        self.assertEqual(self._sends_of(bob).state, "sent")

    def test_a_pause_that_shifted_all_dates_is_not_lateness(self):  # LN-35, LN-39
        for policy, left in (("shift", 1), ("skip", 0)):
            with self.subTest(policy=policy):
                lead = self._create_lead(policy, f"{policy}@pumps.test")
                scenario = self._queue(
                    self._sends(max_late_days=3),
                    trigger_domain=f"[('email_normalized', '=', '{lead.email_normalized}')]",
                )
                scenario.action_pause()
                self._stood_still(days=5)
                pause = scenario.pause_ids
                pause.started_at -= timedelta(days=4)
                pause.write({"state": "done", "policy": policy, "ended_at": self._later()})
                scenario._set_running()
                self.assertEqual(len(self._deliver()), left)

    def test_the_limit_per_person_holds_at_the_door(self):  # LN-35
        """Five mails of two weeks, in one queue: two leave, the rest another week."""
        self.pumps.nurture_cap_days = 7
        self._create_lead()
        names = [f"m{number}" for number in range(5)]
        steps = {name: ("mail", {"max_late_days": 0}, {"next": after})
                 for name, after in zip(names, [*names[1:], "end"], strict=True)}  # fmt: skip
        self._queue({**steps, "end": ("exit", {}, {})})
        self._stood_still(days=14)
        self.pumps.nurture_cap_mails = 2
        self.assertEqual(len(self._deliver()), 2)
        self._settle()
        self.assertFalse(self._again())
        waiting = self.env["nurture.send"].search([("state", "=", "queued")])
        self.assertEqual(len(waiting), 3)
        for mail in self._mail_of(waiting):
            self.assertGreater(mail.scheduled_date, self._later(days=6))
        left = self.env["nurture.send"].search([("state", "=", "sent")])
        left._write_rows(sent_at=self._later(days=-8))
        self.assertEqual(self._again(), 2)

    def test_the_rate_holds_at_the_door(self):  # LN-35
        """What piled up is given the next places of the server, and leaves when they come."""
        self._create_people(5)
        self._queue()
        sends = self._stood_still(days=1)
        self.pumps.nurture_mail_rate = 2
        self._deliver()
        mails = self._mail_of(sends).filtered(lambda mail: mail.state == "outgoing")
        self.assertGreaterEqual(len(mails), 3, "at most two in one hour")
        hours = [mail.scheduled_date.replace(minute=0, second=0) for mail in mails]
        self.assertLessEqual(max(hours.count(hour) for hour in hours), 2)
        mails.scheduled_date = self._later(minutes=-5)
        self.assertEqual(len(self._deliver()), len(mails), "each has its place")

    def test_who_resends_by_hand_is_not_late(self):  # LN-43
        ann = self._create_lead()
        self._queue(self._sends(max_late_days=3))
        self._stood_still(days=5)
        send = self._sends_of(ann)
        self._mail_of(send).state = "exception"
        send._write_rows(state="failed")
        send.with_user(self.mira).action_resend()
        self.assertEqual(len(self._deliver()), 1)

    def test_a_text_is_no_way_round_an_opt_out(self):  # LN-33, RELIABILITY 0
        ann = self._create_lead()
        self._queue(self._sends(mail_category="transactional"))
        send = self._sends_of(ann)
        send._write_rows(channel="sms", address="+32455001122")
        now = self._later()
        self.assertEqual(send._leaves(now).until, now)
        entry = self.env["phone.blacklist"].create({"number": "+32455001122"})
        self.assertEqual(send._leaves(now), Verdict(None, "sms_blacklist"))
        entry.active = False
        self.env["mail.blacklist"]._add("ann@pumps.test")
        self.assertEqual(send._leaves(now), Verdict(None, "mail_bl"))

"""Reminders in the mail queue: asked again at the door, and failures."""
from datetime import timedelta

from freezegun import freeze_time
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, TODAY
from .common_reminder import DELIVERY, ReminderCommon


@tagged("post_install", "-at_install")
class TestReminderQueue(ReminderCommon):
    """Between the night and the morning much can happen; what fails keeps no other back."""

    def test_asked_again_at_the_door(self):  # CC-14
        """Between the night and the morning the customer orders: the mail in the queue stays."""
        self._create_rule()
        drinker, other = self._create_drinker(), self._create_drinker("Other")
        self._night()
        self.env["mail.blacklist"].sudo()._add(drinker.email)
        mails = (self._of(drinker) | self._of(other)).mail_id
        with freeze_time(NOW):
            mails._send()
        self.assertHeld_at_door(drinker)
        self.assertEqual(self._of(other).mail_id.state, "outgoing")  # tests send nothing

    def test_a_mail_that_waits_leads_to_nothing(self):  # CC-14
        """The queue stands still while the customer buys by himself: no mail, and no success."""
        self._create_rule()
        drinker = self._create_drinker()
        self._night()
        reminder = self._of(drinker)
        self._buy_product(drinker, self.beans, 0)
        self._night(NOW + timedelta(days=1))
        self.assertEqual(reminder.state, "sent")
        self._night(NOW + timedelta(days=31))  # later than the days in which it may lead to one
        self.assertEqual((reminder.matured, reminder.bought), (0, 0))
        with freeze_time(NOW + timedelta(days=31)):
            reminder.mail_id._send()
        self.assertEqual((reminder.state, reminder.reason, reminder.mail_id.state),
                         ("suppressed", "bought", "cancel"))
        self.assertFalse(reminder.reached)

    def test_what_counted_as_bought_too_early_does_not_leave(self):  # CC-14
        self._create_rule()
        drinker = self._create_drinker()
        self._night()
        reminder = self._of(drinker)
        reminder.write({"state": "done", "bought_on": TODAY})
        with freeze_time(NOW):
            reminder.mail_id._send()
        self.assertEqual((reminder.state, reminder.mail_id.state), ("suppressed", "cancel"))

    def assertHeld_at_door(self, partner):
        reminder = self._of(partner)
        self.assertEqual((reminder.state, reminder.reason), ("suppressed", "opted_out"))
        self.assertEqual(reminder.mail_id.state, "cancel")
        self.assertFalse(reminder.reached)

    # ---- failures -------------------------------------------------------------------------------

    @mute_logger(DELIVERY)
    def test_one_that_fails_keeps_no_other_back(self):  # CC-14
        rule = self._create_rule()
        good, bad = self._create_drinker("Good"), self._create_drinker("Bad")
        rule.template_id = rule._get_template().copy({
            "body_html": '<p><t t-if="object.partner_id.name == \'Bad\'" t-out="1/0"/>Hi</p>'})
        self._night()
        self.assertEqual(self._of(good).state, "sent")
        failed = self._of(bad)
        self.assertEqual((failed.state, failed.attempts), ("failed", 1))
        self.assertIn("zero", failed.why)
        self._night()
        self.assertEqual(failed.attempts, 1, "tried again tomorrow, not in a loop")
        rule.template_id.body_html = "<p>Hi</p>"
        self._night(NOW + timedelta(days=1))
        self.assertEqual((failed.state, failed.error), ("sent", False))

    def test_a_mail_that_could_not_leave_was_not_sent(self):  # CC-14
        self._create_rule()
        drinker = self._create_drinker()
        self._night()
        reminder = self._of(drinker)
        first = reminder.mail_id
        first.write({"state": "exception", "failure_reason": "No such mailbox"})
        self._night(NOW + timedelta(hours=1))
        self.assertEqual((reminder.state, reminder.why, reminder.reached),
                         ("failed", "No such mailbox", 0))
        self._night(NOW + timedelta(days=1))
        self.assertEqual((reminder.state, reminder.reached), ("sent", 1))
        self.assertEqual((first.state, reminder.mail_id.state), ("cancel", "outgoing"))

"""The way out of the reminders' mails."""
from odoo.addons.customer_care.controllers.reminder import ONE_CLICK, PAGE
from odoo.tests import tagged

from .common_doors import DoorCase
from .common_reminder import ReminderCommon


@tagged("post_install", "-at_install")
class TestStop(ReminderCommon, DoorCase):
    """The way out of the mails: a page that asks, one click that does."""

    def _link(self):
        self._create_rule()
        self._night()
        return self._of(self.drinker)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.drinker = cls._create_drinker()

    def setUp(self):
        super().setUp()
        PAGE.forget()
        ONE_CLICK.forget()

    def test_hammering_is_refused(self):  # CC-14, RELIABILITY 3
        reminder = self._link()
        for purpose, data in (("stop", None), ("oneclick", {"List-Unsubscribe": "One-Click"})):
            path = "/care/" + reminder._get_stop_url(purpose).partition("/care/")[2]
            told = [self.url_open(path, data=data).status_code for _call in range(62)]
            self.assertEqual((told[:60], told[60:]), ([200] * 60, [429] * 2), purpose)

    def _is_stopped(self):
        return bool(self.env["mail.blacklist"].sudo().search(
            [("email", "=", self.drinker.email_normalized)]))

    def test_the_page_changes_nothing(self):  # CC-14
        path = self._link().stop_url.partition("/care/")[2]
        response = self.url_open(f"/care/{path}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("No more mails", response.text)
        self.assertFalse(self._is_stopped())

    def test_one_click(self):  # CC-14
        path = self._link()._get_stop_url("oneclick").partition("/care/")[2]
        response = self.url_open(f"/care/{path}", data={"List-Unsubscribe": "One-Click"})
        self.assertEqual(response.status_code, 200)
        self.assertTrue(self._is_stopped())

    def test_bad_links_tell_nothing(self):  # CC-14
        reminder = self._link()
        for path in (f"/care/reminder/{reminder.id}/{'0' * 64}",
                     f"/care/reminder/{reminder.id + 1}/{reminder._get_token('stop')}",
                     f"/care/reminder/{2 ** 40}/{reminder._get_token('stop')}",
                     f"/care/reminder/{reminder.id}/%C3%A9"):
            self.assertEqual(self.url_open(path).status_code, 404)
        self.assertFalse(self._is_stopped())

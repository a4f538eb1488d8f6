"""Customers who drink their coffee, and a rule that reminds them."""
from freezegun import freeze_time
from odoo import Command

from .common import NOW
from .common_products import ProductCommon

DELIVERY = "odoo.addons.customer_care.models.care_reminder_delivery"


class ReminderCommon(ProductCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reminders = cls.env["care.reminder"].sudo()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.company.care_reminder_weekend = True
        cls.company.care_reminder_limit_days = 0
        cls.env["care.night"].sudo().search([]).unlink()

    @classmethod
    def _create_rule(cls, on=True, **values):
        """Beans, three days before they run out."""
        rule = cls.env["care.reminder.rule"].sudo().create({
            "name": "Beans run out", "company_id": cls.company.id,
            "product_tmpl_ids": [Command.set(cls.beans.product_tmpl_id.ids)], **values})
        if on:
            rule.action_switch_on()
        return rule

    @classmethod
    def _create_drinker(cls, name="Drinker", last=28, every=30, **values):
        """Buys a pack every 30 days; the last one is nearly empty."""
        drinker = cls._create_customer(name, **{"email": f"{name.lower()}@example.com", **values})
        cls._buy_product(drinker, cls.beans, last + 2 * every, last + every, last)
        return drinker

    def _night(self, now=NOW):
        with freeze_time(now):
            self.env["care.night"].sudo()._run_steps(
                self.company, now, "products", "items", "reminder_plan", "reminders")
        self.env.invalidate_all()

    def _of(self, partner):
        return self.reminders.search([("partner_id", "=", partner.id)], order="cycle_on")

    def assertHeld(self, partner, reason):
        reminder = self._of(partner)
        self.assertEqual((reminder.state, reminder.reason), ("suppressed", reason))
        self.assertEqual(reminder.why, self.reminders._suppression_reasons()[reason])
        self.assertFalse(reminder.mail_id)

    def _plan_then(self, **values):
        """A drinker whose reminder is planned for tomorrow."""
        self._create_rule()
        drinker = self._create_drinker(last=26, **values)
        self._night()
        self.assertEqual(self._of(drinker).state, "planned")
        return drinker

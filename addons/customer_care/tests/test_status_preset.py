"""Sets of status rules to begin with (CC-12)."""
from odoo.addons.customer_care.engine import lifecycle
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestStatusPreset(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["care.status.rule"].sudo()
        cls.manager = new_test_user(
            cls.env(su=True), "preset_manager",
            groups="customer_care.group_customer_care_manager", company_id=cls.company.id,
            company_ids=[(6, 0, cls.env["res.company"].sudo().search([]).ids)])

    def _choose(self, preset):
        return self.env["care.status.preset"].with_user(self.manager).sudo(False).create(
            {"preset": preset})

    def _status(self, partner):
        self._count(partner)
        return self._care(partner).status

    def test_every_set_judges_everybody_and_has_no_idle_line(self):  # CC-12
        for preset in self.env["care.status.preset"]._presets():
            self._choose(preset).action_apply()
            rules = self.rules._rules_of(self.company)
            self.assertFalse(lifecycle.problems(rules._to_engine()), preset)
            self.rules._check_rules()

    def test_old_rules_are_archived_and_not_lost(self):  # CC-12
        before = self.rules.search([])
        choice = self._choose("days")
        self.assertEqual(choice.replaced, len(before))
        self.assertEqual(
            choice.line_ids.mapped("status"),
            ["prospect", "churned", "lapsed", "at_risk", "reactivated", "new", "loyal", "active"])
        self.assertEqual(before, self.rules.search([]), "nothing before it is confirmed")
        choice.action_apply()
        self.assertTrue(before.exists())
        self.assertFalse(any(before.mapped("active")))

    def test_who_sees_one_company_leaves_the_others_alone(self):  # ALL-4
        second = self.setup_other_company(name="Second House")["company"]
        self.manager.write({"company_id": second.id, "company_ids": [(6, 0, second.ids)]})
        rules = self.rules.search([])
        with self.assertRaises(UserError):
            self._choose("days").action_apply()
        self.assertEqual(self.rules.search([]), rules)

    def test_what_the_sets_say_of_the_same_customers(self):  # CC-12
        self.company.write({"care_pool_gap": 0, "care_lapse_days": 600})
        once, slow = self._create_customer("Once"), self._create_customer("Slow")
        self._buy(once, 130)
        self._buy(slow, 100, 200, 300, 400)
        found = {}
        for preset in ("rhythm", "shop", "days"):
            self._choose(preset).action_apply()
            found[preset] = (self._status(once), self._status(slow))
        self.assertEqual(found, {
            "rhythm": ("active", "active"), "shop": ("at_risk", "loyal"),
            "days": ("at_risk", "at_risk"),
        })

    def test_only_managers_choose(self):  # CC-12
        user = new_test_user(
            self.env(su=True), "preset_user", groups="customer_care.group_customer_care_user")
        with self.assertRaises(AccessError):
            self.env["care.status.preset"].with_user(user).sudo(False).create({"preset": "days"})

"""What all companies share is changed by who works in all of them."""
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesDeskCase

#: Rows of one company or of all: model → values of a new one.
OF_ONE_OR_ALL = {
    "sales.playbook": {"name": "Ours"},
    "sales.health.rule": {"kind": "slipped", "threshold": 7, "points": -5},
}
OF_ALL = {
    "sales.contact.role": {"name": "Ours"},
    "sales.handoff.reason": {"name": "Ours"},
    "sales.voice.type": {"name": "Ours"},
    "sales.competitor": {"name": "Ours & Sons"},
}


@tagged("post_install", "-at_install")
class TestShared(SalesDeskCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second House"})
        cls.both = cls._create_user("both", "sales_team.group_sale_manager")
        cls.both.company_ids = [Command.set(cls.env["res.company"].search([]).ids)]

    def _rows(self, user, model):
        return self.env[model].with_user(user).sudo(False)

    def _refused(self, deed):
        with self.assertRaisesRegex(AccessError, "all companies share"), (
                self.env.cr.savepoint()):
            deed()

    def test_a_manager_of_one_company_makes_and_changes_its_own(self):  # ALL-4
        for model, values in OF_ONE_OR_ALL.items():
            with self.subTest(model):
                own = self._rows(self.max, model).create(values)
                self.assertEqual(own.company_id, self.env.company)
                own.active = False
                self._refused(lambda own=own: own.write({"company_id": False}))
                self._refused(lambda model=model, values=values: self._rows(
                    self.max, model).create({**values, "company_id": False}))
                own.unlink()

    def test_what_all_share_he_reads_and_copies(self):  # ALL-4
        for model, values in {**OF_ONE_OR_ALL, **OF_ALL}.items():
            with self.subTest(model):
                shared = self.env[model].create(values)
                his = shared.with_user(self.max).sudo(False)
                self.assertTrue(his.display_name)
                self._refused(lambda his=his: his.write({"active": False}))
                self._refused(his.unlink)
                if model in OF_ONE_OR_ALL:
                    self.assertEqual(his.copy().company_id, self.env.company)

    def test_who_works_in_all_companies_changes_it(self):  # ALL-4
        for model, values in {**OF_ONE_OR_ALL, **OF_ALL}.items():
            with self.subTest(model):
                shared = self._rows(self.both, model).create(values)
                self.assertFalse("company_id" in shared and shared.company_id)
                shared.active = False
                shared.unlink()

    def test_the_parts_of_a_playbook_are_what_it_is(self):  # SA-7, ALL-4
        step = {"stage_id": self.stage_new.id}
        shared = self.env["sales.playbook"].create(
            {"name": "Of all", "step_ids": [Command.create(step)]})
        steps = self._rows(self.max, "sales.playbook.step")
        self._refused(lambda: shared.step_ids.with_user(self.max).sudo(False).write(
            {"goal": "Mine"}))
        self._refused(lambda: steps.create({"playbook_id": shared.id, "stage_id":
                                            self.stage_offer.id}))
        own = self._rows(self.max, "sales.playbook").create(
            {"name": "Ours", "step_ids": [Command.create({"stage_id": self.stage_offer.id})]})
        own.step_ids.goal = "Ours"
        self._refused(lambda: own.step_ids.write({"playbook_id": shared.id}))

    def test_whoever_loses_a_deal_names_the_competitor(self):  # SA-13, ALL-4
        named = self._rows(self.ines, "sales.competitor").create({"name": "Story Grinders"})
        self.assertEqual(named.name, "Story Grinders")

    def test_a_companys_health_rule_judges_its_deals_only(self):  # SA-17, ALL-4
        ours, theirs = self._create_deals(2, team_id=False)
        theirs.write({"user_id": False, "company_id": self.second.id})
        deals = ours | theirs
        with self.at("2036-03-02 09:00:00"):
            now = self.env.cr.now()
            before = deals._deal_health(now)
            self.env["sales.health.rule"].create({
                "kind": "no_contact", "threshold": 1, "points": -100,
                "company_id": self.second.id})
            after = deals._deal_health(now)
            levels = {deal: deal.search_count([
                ("id", "=", deal.id), ("health_level", "=", after[deal.id]["level"])])
                for deal in deals}
        self.assertEqual(after[ours.id]["score"], before[ours.id]["score"])
        self.assertEqual(after[theirs.id]["score"], before[theirs.id]["score"] - 100)
        self.assertEqual(levels, {ours: 1, theirs: 1})

"""What all companies share is changed by who works in all of them."""
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_case import CaseCommon

MANAGER = "customer_care.group_customer_care_manager"
#: Rows of one company or of all: model → values of a new one.
OF_ONE_OR_ALL = {
    "care.status.rule": {"name": "Ours", "status": "loyal", "purchases_min": 900},
    "care.health.rule": {"name": "Ours", "fact": "silence", "points": -5},
    "care.category": {"name": "Ours"},
    "care.root.cause": {"name": "Ours"},
    "care.safety.word": {"name": "beanfire"},
}
OF_ALL = {
    "care.stage": {"name": "Ours", "kind": "open"},
    "care.agreement.type": {"name": "Ours"},
    "care.agreement.reason": {"name": "Ours"},
    "care.retention.category": {"name": "Ours"},
    "care.rfm.segment": {"name": "Ours"},
}


@tagged("post_install", "-at_install")
class TestShared(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.setup_other_company(name="Second House")["company"]
        cls.one = cls._create_user("shared_one", MANAGER)
        cls.both = cls._create_user("shared_all", MANAGER)
        cls.both.company_ids = [Command.set(cls.env["res.company"].sudo().search([]).ids)]

    def _rows(self, user, model):
        return self.env[model].with_user(user).sudo(False)

    def _refused(self, deed):
        with self.assertRaisesRegex(AccessError, "all companies share"), (
                self.env.cr.savepoint()):
            deed()

    def test_a_manager_of_one_company_makes_and_changes_its_own(self):  # ALL-4
        for model, values in OF_ONE_OR_ALL.items():
            with self.subTest(model):
                own = self._rows(self.one, model).create(values)
                self.assertEqual(own.company_id, self.company)
                own.write({"name": "Ours, better"})
                self._refused(lambda own=own: own.write({"company_id": False}))
                self._refused(lambda model=model, values=values: self._rows(
                    self.one, model).create({**values, "company_id": False}))
                own.unlink()

    def test_a_row_of_another_company_is_not_what_all_share(self):  # ALL-4
        """Core says so, and where one works in that company, too, offers to go there."""
        for model, values in OF_ONE_OR_ALL.items():
            with self.subTest(model):
                other = self.env[model].sudo().create({**values, "company_id": self.second.id})
                with self.assertRaises(AccessError) as refused, self.env.cr.savepoint():
                    other.with_user(self.one).sudo(False).write({"name": "Mine"})
                self.assertNotIn("somebody who works in all", str(refused.exception))

    def test_his_copy_of_what_all_share_is_his_companys(self):  # ALL-4
        for model in OF_ONE_OR_ALL.keys() - {"care.safety.word"}:  # a word stands once
            with self.subTest(model):
                shared = self.env[model].sudo().create(OF_ONE_OR_ALL[model])
                self.assertEqual(shared.with_user(self.one).sudo(False).copy().company_id,
                                 self.company)
                self.assertFalse(shared.with_user(self.both).sudo(False).copy().company_id)

    def test_what_all_share_he_reads(self):  # ALL-4
        for model, values in {**OF_ONE_OR_ALL, **OF_ALL}.items():
            with self.subTest(model):
                shared = self.env[model].sudo().create(values)
                his = shared.with_user(self.one).sudo(False)
                self.assertEqual(his.name, values["name"])
                self._refused(lambda his=his: his.write({"name": "Mine"}))
                self._refused(his.unlink)
                # an agent misses the role: that is what core says
                with self.assertRaisesRegex(AccessError, "not allowed to create"), (
                        self.env.cr.savepoint()):
                    self.env[model].with_user(self.agent).sudo(False).create(values)

    def test_who_works_in_all_companies_changes_it(self):  # ALL-4
        for model, values in {**OF_ONE_OR_ALL, **OF_ALL}.items():
            with self.subTest(model):
                shared = self._rows(self.both, model).create(values)
                self.assertFalse("company_id" in shared and shared.company_id)
                shared.write({"name": "Of all"})
                shared.unlink()

    def test_the_map_of_segments_is_shared(self):  # CC-12, ALL-4
        self._refused(self._rows(self.one, "care.rfm.segment").action_restore_presets)

    def test_of_what_all_share_he_makes_none(self):  # ALL-4
        for model, values in OF_ALL.items():
            with self.subTest(model):
                self._refused(lambda model=model, values=values: self._rows(
                    self.one, model).create(values))

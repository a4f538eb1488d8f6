"""What all companies share is changed by who works in all of them."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import MANAGER, NurtureCase

#: Rows of one company or of all: model → values of a new one.
OF_ONE_OR_ALL = {
    "nurture.score.model": {"name": "Ours"},
    "nurture.segment": {"name": "Ours", "company_id": False},
    "nurture.holiday": {"name": "Founder's day", "date": "2031-05-06"},
}
OF_ALL = {
    "nurture.status": {"name": "Ours"},
    "nurture.robot": {"pattern": "ourbot/1.0"},
    "nurture.free.domain": {"name": "free.pumps.test"},
    "nurture.account.tier": {"name": "Ours"},
}


@tagged("post_install", "-at_install")
class TestShared(NurtureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one = new_test_user(cls.env, "nurture_one", groups=MANAGER, tz="UTC")
        cls.both = new_test_user(cls.env, "nurture_both", groups=MANAGER, tz="UTC")
        cls._entrust(cls.both)

    def _rows(self, user, model):
        return self.env[model].with_user(user).sudo(False)

    def _refused(self, deed):
        with self.assertRaisesRegex(AccessError, "all companies share"), (
                self.env.cr.savepoint()):
            deed()

    def test_an_administrator_of_one_company_makes_and_changes_its_own(self):  # ALL-4
        for model, values in OF_ONE_OR_ALL.items():
            with self.subTest(model):
                vals = {name: value for name, value in values.items() if name != "company_id"}
                own = self._rows(self.one, model).create(vals)
                self.assertEqual(own.company_id, self.pumps)
                own.name = "Ours, better"
                self._refused(lambda own=own: own.write({"company_id": False}))
                self._refused(lambda model=model, vals=vals: self._rows(self.one, model).create(
                    {**vals, "company_id": False}))  # fmt: skip
                own.unlink()

    def test_what_all_share_he_reads_and_copies(self):  # ALL-4
        for model, values in {**OF_ONE_OR_ALL, **OF_ALL}.items():
            with self.subTest(model):
                shared = self.env[model].create(values)
                his = shared.with_user(self.one).sudo(False)
                self.assertTrue(his.display_name)
                name = "pattern" if model == "nurture.robot" else "name"
                self._refused(lambda his=his, name=name: his.write({name: "mine.test"}))
                self._refused(his.unlink)
                if model in OF_ONE_OR_ALL:
                    self.assertEqual(his.copy().company_id, self.pumps)

    def test_who_works_in_all_companies_changes_it(self):  # ALL-4
        for model, values in {**OF_ONE_OR_ALL, **OF_ALL}.items():
            with self.subTest(model):
                shared = self._rows(self.both, model).create(values)
                self.assertFalse("company_id" in shared and shared.company_id)
                shared[shared._rec_name] = "other.test"
                shared.unlink()

    def test_the_rules_of_a_shared_model_are_shared(self):  # LN-14, ALL-4
        shared = self._create_model([{"points": 40, "event_kind": "page_view"}])
        theirs = shared.with_user(self.one).sudo(False)
        group = theirs.group_ids.filtered(lambda g: g.kind == "engagement")
        self._refused(lambda: theirs.rule_ids.write({"points": 100}))
        self._refused(lambda: group.write({"cap": 5}))
        self._refused(theirs.action_edit)
        self._refused(lambda: self._rows(self.one, "nurture.crossing").create(
            {"model_id": shared.id, "direction": "band_up", "band": "hot"}))  # fmt: skip
        own = self._rows(self.one, "nurture.score.model").create({"name": "Ours"})
        mine = own.group_ids.filtered(lambda g: g.kind == "engagement")
        rule = self._rows(self.one, "nurture.score.rule").create(
            {"name": "Looked", "group_id": mine.id, "points": 5, "event_kind": "page_view"}
        )
        self._refused(lambda: rule.write({"group_id": group.id}))
        own.action_publish()
        self.assertEqual(own.state, "active")

    def test_who_belongs_to_a_shared_segment_is_shared(self):  # LN-20, ALL-4
        shared = self.env["nurture.segment"].create({
            "name": "Of all", "company_id": False, "condition_ids": [Command.create(
                {"kind": "event", "event_kind": "page_view", "min_count": 1})],
        })  # fmt: skip
        theirs = shared.with_user(self.one).sudo(False)
        self._refused(lambda: theirs.condition_ids.write({"min_count": 9}))
        self._refused(theirs.action_activate)

"""Handing work over gives nobody a right over users (SA-9)."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_handover import HandoverCase


class TestLeaverRights(HandoverCase):
    """Lea leads a team in which an administrator sells, too; she may not archive users."""

    def setUp(self):
        super().setUp()
        self.boss = self._create_user("boss", "base.group_system,sales_team.group_sale_salesman")
        self.env["crm.team.member"].create(
            {"user_id": self.boss.id, "crm_team_id": self.team_inside.id})
        self.deal = self._create_deal(user_id=self.boss.id)

    def _archive_on_screen(self, person, user):
        users = self.env["res.users"]
        with patch.object(type(users), "_is_called_on_screen", lambda *args: True):
            return person.with_user(user).action_archive()

    def _count_handovers(self):
        return self.env["sales.handover"].search_count([("from_user_id", "=", self.boss.id)])

    def test_a_leader_archives_no_user(self):  # SA-9
        for archive in (
                lambda: self._archive_on_screen(self.boss, self.lea),
                lambda: self.boss.with_user(self.lea).action_archive(),
                lambda: self.boss.with_user(self.lea).write({"active": False})):
            with self.assertRaises(AccessError):
                archive()
            self.assertEqual((self.boss.active, self.deal.user_id), (True, self.boss))
            self.assertFalse(self._count_handovers(), "not even a plan")

    def test_a_leader_archives_by_no_plan_of_others(self):  # SA-9
        chief = self._create_user("chief", "base.group_erp_manager")
        action = self._archive_on_screen(self.boss, chief)
        handover = self.env["sales.handover"].browse(action["res_id"])
        for user in (self.lea, self.max):
            with self.assertRaisesRegex(AccessError, "archive users"):
                handover.with_user(user).action_run()
        self.assertEqual((self.boss.active, self.deal.user_id), (True, self.boss))
        handover.with_user(chief).action_run()
        self.assertFalse(self.boss.active)

    def test_whoever_lost_the_right_meanwhile(self):  # SA-9
        """The job moves what was asked for, and says why the user is still there."""
        chief = self._create_user("chief", "base.group_erp_manager")
        action = self._archive_on_screen(self.boss, chief)
        handover = self.env["sales.handover"].browse(action["res_id"])
        handover._set_running(chief)
        chief.group_ids -= self.env.ref("base.group_erp_manager")
        handover._work_to_the_end()
        self.assertEqual(handover.state, "done")
        self.assertTrue(self.boss.active)
        self.assertEqual(self.deal.user_id, self.ines)
        self.assertIn("may not archive", "".join(handover.message_ids.mapped("body")))

    def test_no_word_of_a_client_lifts_the_refusal(self):  # SA-9
        self.env.company.sales_leaver_policy = "block"
        for word in (True, {"handed_over": True}):
            person = self.boss.with_context(sales_handover_archiving=word, sales_archiving=word)
            for archive in (person.action_archive, lambda p=person: p.write({"active": False})):
                with self.assertRaisesRegex(UserError, "Hand it over first"):
                    archive()
        self.assertEqual((self.boss.active, self.deal.user_id), (True, self.boss))

    def test_archived_from_a_handover_that_was_prepared(self):  # SA-9
        """A leave made under Handovers ends with the offer, for those who may archive users."""
        handover = self._prepare(self.boss, distribution="team")
        chief = self._create_user("chief", "base.group_erp_manager,sales_team.group_sale_manager")
        self.assertFalse(handover.with_user(chief).can_archive, "only when it is done")
        handover.action_run()
        self.assertEqual((handover.state, self.boss.active), ("done", True))
        for user in (self.lea, self.max):
            self.assertFalse(handover.with_user(user).can_archive, user.name)
            with self.assertRaises(AccessError):
                handover.with_user(user).action_archive_user()
        self.assertTrue(self.boss.active)
        self.assertTrue(handover.with_user(chief).can_archive)
        handover.with_user(chief).action_archive_user()
        self.assertFalse(self.boss.active)
        handover.invalidate_recordset()
        self.assertFalse(handover.with_user(chief).can_archive)

    def test_what_could_not_be_moved_does_not_stop_the_run(self):  # SA-9
        """Under "refuse", too: the handover was made, its failures are listed on it."""
        self.env.company.sales_leaver_policy = "block"
        handover = self.boss._prepare_handover("asked")
        deals = type(self.env["crm.lead"])
        write = deals.write

        def refuse(records, vals):
            if vals.get("user_id") and self.deal in records:
                raise UserError("Not this one")
            return write(records, vals)

        with patch.object(deals, "write", refuse):
            handover.action_run()
        self.assertFalse(self.boss.active)
        self.assertEqual(handover.failed_count, 1)


@tagged("post_install", "-at_install")
class TestLeaverRightsByRpc(HttpCase, HandoverCase):
    def test_new_work_is_asked_for_again(self):  # SA-9
        """What came after the handover is shown before the user is archived."""
        self._create_user("chief", "base.group_erp_manager,sales_team.group_sale_manager")
        self._create_deal(user_id=self.lena.id)
        handover = self._prepare(distribution="team")
        handover.action_run()
        self._create_deal(user_id=self.lena.id)
        self.authenticate("sa_chief", "sa_chief")
        action = self.make_jsonrpc_request(
            "/web/dataset/call_button/sales.handover/action_archive_user",
            {"model": "sales.handover", "method": "action_archive_user",
             "args": [[handover.id]], "kwargs": {}})
        self.assertEqual(action["res_model"], "sales.handover")
        self.assertNotEqual(action["res_id"], handover.id)
        self.assertTrue(self.lena.active)

    @mute_logger("odoo.http")
    def test_the_entry_archive_is_not_for_leaders(self):  # SA-9
        boss = self._create_user("boss", "base.group_system,sales_team.group_sale_salesman")
        self.env["crm.team.member"].create(
            {"user_id": boss.id, "crm_team_id": self.team_inside.id})
        self._create_deal(user_id=boss.id)
        self.authenticate("sa_lea", "sa_lea")
        with self.assertRaisesRegex(Exception, "(?i)access|allowed"):
            self.make_jsonrpc_request(
                "/web/dataset/call_kw/res.users/action_archive",
                {"model": "res.users", "method": "action_archive", "args": [[boss.id]],
                 "kwargs": {}})
        self.assertTrue(boss.active)
        self.assertFalse(self.env["sales.handover"].search([("from_user_id", "=", boss.id)]))

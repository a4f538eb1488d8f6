"""Somebody leaves, and whatever the channel, nothing is lost (SA-9)."""

from ast import literal_eval
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common_handover import HandoverCase


class TestLeaver(HandoverCase):
    def setUp(self):
        super().setUp()
        self._fill_desk()
        self.stays = self._get_stays()
        self.clocks = {deal: deal.date_last_stage_update for deal in self.deals}

    def _assert_clocks_untouched(self):
        self.assertEqual(self._get_stays(), self.stays, "no new stay, no stay ended")
        self.assertEqual(
            {deal: deal.date_last_stage_update for deal in self.deals}, self.clocks)
        open_stays = self.env["sales.stage.history"].search(
            [("lead_id", "in", self.deals.ids), ("left_at", "=", False)])
        for stay in open_stays:
            self.assertEqual(stay.user_id, stay.lead_id.user_id, "the stay follows the deal")

    def _archive_on_screen(self):
        users = self.env["res.users"]
        with patch.object(type(users), "_is_called_on_screen", lambda *args: True):
            return self.lena.action_archive()

    def test_archived_on_the_screen(self):  # SA-9
        action = self._archive_on_screen()
        self.assertEqual(action["res_model"], "sales.handover")
        self.assertTrue(self.lena.active, "asked first: nothing has happened yet")
        self.assertEqual(len(self.activities.exists()), 60)
        handover = self.env["sales.handover"].browse(action["res_id"])
        self.assertTrue(handover.archive_user)
        before = self._get_last_message()
        handover.action_run()
        self._work_off(handover)
        self.assertFalse(self.lena.active)
        self.assertEqual(handover.state, "done")
        self.assertNothingLost()
        self._assert_clocks_untouched()
        for user in (self.ines, self.finn, self.fay, self.lea, self.otto):
            self.assertLessEqual(self._count_notices(user, before), 1, user.name)

    def test_archived_by_a_call(self):  # SA-9
        before = self._get_last_message()
        self.lena.write({"active": False})
        self._finish_automatic(before)

    def test_archived_by_core_without_a_screen(self):  # SA-9
        before = self._get_last_message()
        self.lena.action_archive()
        self._finish_automatic(before)

    def test_archived_by_an_import(self):  # SA-9
        before = self._get_last_message()
        result = self.env["res.users"].load([".id", "active"], [[str(self.lena.id), "0"]])
        self.assertEqual(result["ids"], [self.lena.id], result["messages"])
        self._finish_automatic(before)

    def _work_off(self, handover):
        """More than a hundred objects go to the job."""
        self.assertEqual(handover.state, "running")
        self._run_handovers()

    def _finish_automatic(self, before):
        """Each team's leader has the deals of the team; activities did not wait for the job."""
        self.assertFalse(self.lena.active)
        self.assertEqual(len(self.activities.exists()), 60)
        self.assertNotIn(self.lena, self.activities.user_id)
        handover = self.env["sales.handover"].search([("from_user_id", "=", self.lena.id)])
        self.assertEqual(handover.origin, "automatic")
        self._work_off(handover)
        self.assertEqual(handover.state, "done")
        self.assertNothingLost()
        self._assert_clocks_untouched()
        self.assertEqual(self.deals[:17].user_id, self.lea)
        self.assertEqual(self.deals[17:].user_id, self.otto)
        self.assertEqual(self.quotes.user_id, self.otto, "quotations follow their deals")
        for user in (self.lea, self.otto):
            self.assertEqual(self._count_notices(user, before), 1, "one message for all")

    def test_a_leaver_gets_no_new_lead(self):  # SA-9
        """Core gives leads to whoever is an active member; an import leaves him one."""
        self.lena.write({"active": False})
        members = self.env["crm.team.member"].with_context(active_test=False).search(
            [("user_id", "=", self.lena.id)])
        self.assertEqual(members.mapped("active"), [False, False])
        leads = self.env["crm.lead"].create([
            {"name": "Fresh", "type": "lead", "team_id": self.team_field.id, "user_id": False,
             "email_from": f"fresh{n}@example.com", "probability": 50} for n in range(8)])
        self.team_field.with_context(crm_force_user_assign=True)._action_assign_leads(
            force_quota=True)
        self.assertTrue(leads.exists().user_id, "the others do get some")
        self.assertNotIn(self.lena, leads.exists().user_id)

    def test_a_deal_that_reaches_a_leaver_is_listed(self):  # SA-9
        self.lena.write({"active": False})
        self._run_handovers()
        late = self._create_deal(user_id=self.lena.id)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_automation.crm_lead_action_left_behind")
        found = self.env["crm.lead"].search(literal_eval(action["domain"]))
        self.assertEqual(found & (self.deals | self.won | self.lost | late), late)
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        self.assertIn(late.id, handover.line_ids.mapped("res_id"))
        handover.action_run()
        self.assertEqual(late.user_id, self.fay)

    def test_undo_restores_exactly(self):  # SA-9
        sleeping = self._create_deal(user_id=self.lena.id)
        self._put_off(sleeping, fields.Date.to_date("2040-01-01"), user=self.max)
        muted = self.env["mail.followers"].search([
            ("res_model", "=", "crm.lead"), ("res_id", "=", self.deals[3].id),
            ("partner_id", "=", self.lena.partner_id.id)])
        muted.subtype_ids = self.env.ref("mail.mt_comment")  # what she had chosen to hear
        self.deals[4].message_unsubscribe(partner_ids=self.lena.partner_id.ids)
        before = self._snapshot()
        handover = self._prepare(distribution="team")
        handover.action_run()
        self._work_off(handover)
        self.assertNothingLost()
        self.assertNotEqual(sleeping.user_id, self.lena, "what sleeps has a new owner, too")
        self.assertNotEqual(self._snapshot(), before)
        handover.action_undo()
        self._run_handovers()
        self.assertEqual(handover.state, "undone")
        self.assertSame(self._snapshot(), before)
        self.assertEqual(set(handover.line_ids.mapped("state")), {"undone"})

    def test_undo_leaves_what_was_changed_since(self):  # SA-9
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self._work_off(handover)
        won, given, moved, plain = self.deals[17:21]
        won.with_user(self.fay).action_set_won()
        given.user_id = self.finn
        moved.stage_id = self.stage_new
        done = self.activities[0]
        done.with_user(self.fay).action_feedback()
        handover.action_undo()
        self._run_handovers()
        self.assertEqual(won.user_id, self.fay, "the one who won it keeps it")
        self.assertEqual(given.user_id, self.finn)
        self.assertEqual((moved.user_id, moved.stage_id), (self.lena, self.stage_new))
        self.assertEqual(plain.user_id, self.lena)
        self.assertEqual(done.user_id, self.fay)
        lines = {line.res_id: line for line in handover.line_ids if line.kind == "deal"}
        self.assertIn(self.finn.name, lines[given.id].reason)
        self.assertEqual(lines[won.id].state, "kept")
        self.assertEqual(lines[moved.id].state, "undone")
        self.assertTrue(lines[moved.id].reason)

    def test_undo_needs_the_person_and_the_time(self):  # SA-9
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self._work_off(handover)
        self.lena.action_archive()
        with self.assertRaisesRegex(UserError, "archived"):
            handover.action_undo()
        self.lena.action_unarchive()
        self.assertEqual(self.deals.user_id, self.fay, "unarchiving alone brings nothing back")
        with self.at("2040-01-01"), self.assertRaisesRegex(UserError, "until"):
            handover.action_undo()

    def test_customers_hear_nothing(self):  # SA-9
        """Neither of a new organizer nor of a new salesperson."""
        before = self._get_last_message()
        mails = self.env["mail.mail"].search_count([])
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self._work_off(handover)
        for partner in self.customers:
            self.assertFalse(self.env["mail.notification"].search([
                ("res_partner_id", "=", partner.id), ("mail_message_id", ">", before)]))
        self.assertLessEqual(self.env["mail.mail"].search_count([]) - mails, 1)
        self.assertIn(self.fay.partner_id, self.meetings[0].partner_ids)
        self.assertEqual(self.meetings.user_id, self.fay)
        own = self.meetings.attendee_ids.filtered(
            lambda row: row.partner_id == self.fay.partner_id)
        self.assertEqual(set(own.mapped("state")), {"accepted"})

    def test_refused_until_handed_over(self):  # SA-9
        self.env.company.sales_leaver_policy = "block"
        for archive in (lambda: self.lena.write({"active": False}), self.lena.action_archive,
                        self._archive_on_screen):
            with self.assertRaisesRegex(UserError, "Lena"):
                archive()
        result = self.env["res.users"].load([".id", "active"], [[str(self.lena.id), "0"]])
        self.assertIn("Lena", result["messages"][0]["message"])
        self.assertTrue(self.lena.active)
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self._work_off(handover)
        self.lena.action_archive()
        self.assertFalse(self.lena.active)

    def test_whoever_holds_nothing_is_just_archived(self):  # SA-9
        nobody = self._create_user("nobody", "base.group_user")
        users = self.env["res.users"]
        with patch.object(type(users), "_is_called_on_screen", lambda *args: True):
            nobody.action_archive()
        self.assertFalse(nobody.active)
        self.assertFalse(self.env["sales.handover"].search([("from_user_id", "=", nobody.id)]))


@tagged("post_install", "-at_install")
class TestLeaverByRpc(HttpCase, HandoverCase):
    """What the browser asks for, and what another program asks for."""

    def _call(self, method, *args):
        self.authenticate("admin", "admin")
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/res.users/{method}",
            {"model": "res.users", "method": method, "args": args, "kwargs": {}})

    def test_the_entry_archive_asks(self):  # SA-9
        deal = self._create_deal(user_id=self.lena.id)
        action = self._call("action_archive", [self.lena.id])
        self.assertEqual(action["res_model"], "sales.handover")
        self.assertTrue(self.lena.active)
        handover = self.env["sales.handover"].browse(action["res_id"])
        handover.action_run()
        self.assertEqual((self.lena.active, deal.user_id), (False, self.ines))
        back = self._call("action_unarchive", [self.lena.id])
        self.assertEqual((back["res_id"], self.lena.active), (handover.id, True))
        self.assertEqual(deal.user_id, self.ines, "offered, not done")

    def test_a_write_goes_to_the_leader(self):  # SA-9
        deal = self._create_deal(user_id=self.lena.id)
        self._call("write", [self.lena.id], {"active": False})
        self.env.invalidate_all()
        self.assertEqual((self.lena.active, deal.user_id), (False, self.lea))

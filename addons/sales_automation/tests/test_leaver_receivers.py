"""Receivers who leave, too, before everything has reached them (SA-9)."""

from odoo.exceptions import AccessError, UserError

from .common_handover import HandoverCase


class TestReceiversWhoLeave(HandoverCase):
    def setUp(self):
        super().setUp()
        self.env.company.sales_leaver_fallback_id = self.max

    def test_a_member_and_the_leader_leave_together(self):  # SA-9
        """Much or little: nothing goes to somebody who is archived in the same call."""
        persons, backwards = self.ines | self.lea, self.lea | self.ines
        for number, batch in ((3, backwards), (120, persons)):
            deals = self._create_deals(number, user_id=self.ines.id)
            batch.write({"active": False})
            self._run_handovers()
            self.assertEqual(deals.user_id, self.max, f"{number} deals")
            batch.write({"active": True})
            self.team_inside.user_id = self.lea

    def test_what_comes_after_the_leaving_is_given_on(self):  # SA-9: by an import, by a program
        early = self._create_deal(user_id=self.ines.id)
        old = self._create_deal(user_id=self.finn.id, team_id=self.team_field.id)
        self.env.flush_all()
        self.env.cr.execute(  # left long ago, before anybody handed anything over
            "UPDATE res_users SET active = FALSE WHERE id = %s", [self.finn.id])
        self.env.invalidate_all()
        self.ines.active = False
        self.assertEqual(early.user_id, self.lea)
        late = self._create_deal()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET user_id = %s WHERE id = %s", [self.ines.id, late.id])
        self.env.invalidate_all()
        self._run_cron("ir_cron_work_handovers")
        self.assertEqual((late.user_id, late.stage_id), (self.lea, self.stage_new))
        self.assertEqual(old.user_id, self.finn, "nobody decided about him")
        handovers = self.env["sales.handover"].search([("from_user_id", "=", self.ines.id)])
        self._run_cron("ir_cron_work_handovers")
        self.assertEqual(len(handovers), 2)
        self.assertEqual(self.env["sales.handover"].search(
            [("from_user_id", "=", self.ines.id)]), handovers, "no second time")

    def test_who_left_before_anybody_asked_is_handed_over_from_the_list(self):  # SA-9
        deals = self._create_deal(user_id=self.finn.id, team_id=self.team_field.id)
        deals |= self._create_deal(user_id=self.ines.id)
        rest = self._create_deal(user_id=self.finn.id, team_id=self.team_field.id)
        ours = self._create_deal(user_id=self.fay.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_users SET active = FALSE WHERE id IN %s", [(self.finn | self.ines)._ids])
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "None of these deals"):
            ours.with_user(self.max).action_hand_over_left_behind()
        with self.assertRaisesRegex(AccessError, "leader of the team of Finn"):
            deals[0].with_user(self.lea).action_hand_over_left_behind()
        action = (deals | ours).with_user(self.max).action_hand_over_left_behind()
        handovers = self.env["sales.handover"].with_user(self.max).search(action["domain"])
        self.assertEqual(handovers.from_user_id, self.finn | self.ines)
        finns = handovers.filtered(lambda one: one.from_user_id == self.finn)
        self.assertEqual(action["res_model"], "sales.handover")
        self.assertEqual(deals[0].with_user(self.max).action_hand_over_left_behind()["res_id"],
                         finns.id, "the draft is there already")
        finns.write({"distribution": "leader"})
        finns.action_run()
        self.assertEqual((deals[0] | rest).user_id, self.otto)
        self.assertEqual(deals[1].user_id, self.ines, "nothing moves before somebody says so")

    def test_activities_go_to_nobody_who_leaves_together(self):  # SA-9
        deal = self._create_deal(user_id=self.fay.id, team_id=self.team_field.id)
        step = deal.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.ines.id, summary="Ring")
        (self.ines | self.lea).write({"active": False})
        self.assertEqual(step.user_id, self.max)

    def test_a_receiver_leaves_while_the_job_waits(self):  # SA-9
        self._fill_desk()
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self.assertEqual(handover.state, "running")
        self.fay.write({"active": False})
        waiting = handover._get_receiving_lines()
        self.assertNotIn(self.fay, waiting.to_user_id, "the plan shows who gets it now")
        self.assertIn("Fay", waiting[0].reason)
        self._run_handovers()
        self.assertEqual(handover.state, "done")
        self.assertNothingLost()
        self.assertEqual(self.deals[:17].user_id, self.lea)
        self.assertEqual(self.deals[17:].user_id, self.otto)
        self.assertEqual(self.quotes.user_id, self.otto, "what follows a deal still follows it")

    def test_a_receiver_loses_the_right_while_the_job_waits(self):  # SA-9
        """Whatever was true of the plan is asked again when the object moves."""
        self._fill_desk()
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self.fay.group_ids = self.env.ref("base.group_user")
        self._run_handovers()
        self.assertEqual(handover.state, "done")
        self.assertNothingLost()
        self.assertNotIn(self.fay, self.deals.user_id | self.quotes.user_id)

    def test_a_cover_returns_when_the_cover_leaves(self):  # SA-9
        deals = self._create_deals(120, user_id=self.lena.id)
        cover = self._prepare(
            kind="cover", distribution="one", to_user_id=self.fay.id,
            date_from="2020-01-01", date_to="2999-01-01")
        cover.action_run()
        self.assertEqual(cover.state, "running")
        self.fay.write({"active": False})
        self._run_handovers()
        self.assertEqual((cover.state, deals.user_id), ("undone", self.lena))


class TestPreparedPlan(HandoverCase):
    """Somebody has prepared a plan line by line, then another program archives the person."""

    def test_choices_of_a_draft_are_kept(self):  # SA-9
        chosen, unfit, left_out, open_one = deals = self._create_deals(4, user_id=self.lena.id)
        handover = self._prepare(distribution="line")
        lines = {line.res_id: line for line in handover.line_ids if line.kind == "deal"}
        lines[chosen.id].to_user_id = self.fay
        lines[unfit.id].to_user_id = self.finn
        lines[left_out.id].action_leave_out()
        self.finn.group_ids = self.env.ref("base.group_user")
        late = chosen.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.lena.id, summary="Ring")
        result = self.env["res.users"].load([".id", "active"], [[str(self.lena.id), "0"]])
        self.assertEqual(result["ids"], [self.lena.id], result["messages"])
        self.assertEqual(
            [deal.user_id for deal in deals], [self.fay, self.lea, self.lea, self.lea])
        self.assertEqual(late.user_id, self.fay, "what came since follows the choice")
        self.assertEqual((handover.state, handover.origin), ("done", "automatic"))
        told = {line.res_id: line.reason for line in handover.line_ids if line.kind == "deal"}
        self.assertIn("Finn", told[unfit.id])
        self.assertFalse(told[chosen.id])
        self.assertEqual(open_one.user_id, self.lea)


class TestDeletedUsers(HandoverCase):
    def test_who_holds_work_is_archived_and_not_deleted(self):  # SA-9
        """Core would delete his activities with him, and leave his deals to nobody."""
        deal = self._create_deal(user_id=self.fay.id)
        with self.assertRaisesRegex(UserError, "Archive the user instead"):
            self.fay.unlink()
        deal.user_id = self.ines
        call = deal.activity_schedule("mail.mail_activity_data_call", user_id=self.fay.id)
        with self.assertRaisesRegex(UserError, "Archive the user instead"):
            self.fay.unlink()
        self.assertTrue(call.exists())
        free = self._create_user("free", "sales_team.group_sale_salesman")
        free.unlink()
        self.assertFalse(free.exists())

"""A leader hands over what belongs to his teams; a manager everything (SA-9)."""

from odoo.exceptions import AccessError, UserError

from .common_handover import HandoverCase


class TestRealm(HandoverCase):
    """Lea leads Inside, Otto leads Field."""

    def _create_field_deals(self, person, count=3):
        return self._create_deals(
            count, user_id=person.id, team_id=self.team_field.id, stage_id=self.stage_offer.id)

    def _names(self, handover, kind="deal"):
        return handover.line_ids.filtered(lambda line: line.kind == kind)

    def test_whoever_left_the_team_is_no_business_of_its_leader(self):  # SA-9
        deals = self._create_field_deals(self.lena)
        self.team_inside.crm_team_member_ids.filtered(
            lambda row: row.user_id == self.lena).action_archive()
        with self.assertRaises(AccessError):
            self._prepare(user=self.lea, distribution="one", to_user_id=self.lea.id)
        with self.assertRaises(AccessError):
            self._prepare(
                user=self.lea.with_context(active_test=False), distribution="leader")
        self.assertEqual(deals.user_id, self.lena)

    def test_of_two_teams_each_leader_sees_his_own(self):  # SA-9
        inside = self._create_deal(user_id=self.lena.id)
        field = self._create_field_deals(self.lena)
        step, other = (deal.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.lena.id, summary="Ring")
            for deal in (inside, field[0]))
        handover = self._prepare(user=self.lea, distribution="one", to_user_id=self.lea.id)
        self.assertEqual(self._names(handover).mapped("res_id"), inside.ids)
        self.assertEqual(self._names(handover, "activity").mapped("res_id"), step.ids)
        self.assertFalse(self._names(handover, "partner"), "of no team: a manager's business")
        self.assertIn("a sales manager", handover.sudo()._get_warnings()[0])
        handover.with_user(self.lea).action_refresh()
        handover.with_user(self.lea).action_run()
        self.assertEqual((inside.user_id, step.user_id), (self.lea, self.lea))
        self.assertEqual((field.user_id, other.user_id), (self.lena, self.lena))
        rest = self._prepare(distribution="one", to_user_id=self.fay.id)
        self.assertEqual(set(self._names(rest).mapped("res_id")), set(field.ids))
        self.assertTrue(self._names(rest, "partner"))

    def test_a_plan_of_a_manager_is_for_who_leads_it_all(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        self._create_field_deals(self.lena)
        handover = self._prepare(distribution="leader")
        for leader in (self.lea, self.otto):
            self.assertFalse(self.env["sales.handover"].with_user(leader).search(
                [("id", "=", handover.id), ("leader_ids", "=", leader.id)]))
            with self.assertRaises(AccessError):
                handover.with_user(leader).action_run()
            with self.assertRaisesRegex(UserError, "Max prepares"):
                self.lena.with_user(leader).action_hand_over()
        self.team_field.user_id = self.lea
        handover.action_refresh()
        handover.with_user(self.lea).action_run()
        self.assertEqual(handover.state, "done")

    def test_what_changed_its_team_since_the_plan(self):  # SA-9
        deal = self._create_deal(user_id=self.lena.id)
        handover = self._prepare(user=self.lea, distribution="one", to_user_id=self.lea.id)
        deal.write({"team_id": self.team_field.id, "user_id": self.lena.id})
        with self.assertRaisesRegex(AccessError, "do not lead"):
            handover.action_run()
        self.assertEqual(deal.user_id, self.lena)

    def test_a_cover_planned_by_a_leader_grows_into_no_other_team(self):  # SA-9
        field = self._create_field_deals(self.lena)
        inside = self._create_deal(user_id=self.lena.id)
        cover = self._prepare(
            user=self.lea, kind="cover", distribution="one", to_user_id=self.ines.id,
            date_from="2040-01-01", date_to="2040-01-08")
        cover.action_run()
        with self.at("2040-01-02 12:00:00"), self.enter_registry_test_mode():
            cover.sudo()._begin()
            cover.sudo()._work_to_the_end()
        self.assertEqual((inside.user_id, field.user_id), (self.ines, self.lena))

    def test_the_leader_of_a_led_team_is_named_by_no_other_leader(self):  # SA-9
        """Finn sells for Field and leads a team of his own."""
        own = self._create_team("Export", self.finn, self.fay)
        handover = self._prepare(
            person=self.finn, user=self.otto, distribution="one", to_user_id=self.fay.id)
        self.assertNotIn(own.id, self._names(handover, "leader").mapped("res_id"))
        self.assertTrue(self._names(handover, "membership"))

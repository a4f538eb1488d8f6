"""Somebody is away for a time: the work is looked after and comes back (SA-9)."""

from odoo import fields
from odoo.exceptions import UserError, ValidationError

from .common_handover import HandoverCase


class TestCover(HandoverCase):
    def setUp(self):
        super().setUp()
        self.today = fields.Date.today()

    def _plan_cover(self, start=0, days=7, person=None, to=None, **kw):
        first = fields.Date.add(self.today, days=start)
        return self._prepare(
            person=person, user=kw.pop("user", None), kind="cover", distribution="one",
            to_user_id=(to or self.ines).id, date_from=first,
            date_to=fields.Date.add(first, days=days))

    def _on(self, days):
        return self.at(f"{fields.Date.add(self.today, days=days)} 12:00:00")

    def test_the_list_tells_a_leave_beside_a_cover(self):  # SA-9
        self._create_deals(2, user_id=self.lena.id)
        cover = self._plan_cover()
        leave = self.env["sales.handover"].create({"from_user_id": self.finn.id})
        both = cover | leave
        both.invalidate_recordset()
        told = {row["id"]: row["content"] for row in both.web_read({"content": {}})}
        self.assertIn("2 deals", told[cover.id])
        self.assertNotIn("deals", told[leave.id])

    def test_away_and_back(self):  # SA-9
        deal, won, given = self._create_deals(3, user_id=self.lena.id)
        call = deal.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.lena.id, summary="Ring")
        before = deal.read(["team_id", "stage_id", "date_last_stage_update"])
        cover = self._plan_cover(start=2)
        cover.action_run()
        self.assertEqual((cover.state, deal.user_id), ("scheduled", self.lena))
        late = self._create_deal(user_id=self.lena.id)
        with self._on(1):
            self.env["sales.handover"]._turn_covers()
        self.assertEqual(cover.state, "scheduled")
        with self._on(2):
            self._turn()
        self.assertEqual(cover.state, "done")
        self.assertEqual((deal | late | won).user_id, self.ines, "what came after planning, too")
        self.assertEqual(call.user_id, self.ines)
        self.assertEqual(self.customers.user_id, self.lena, "customers stay")
        self.assertEqual(deal.with_user(self.lena).name, deal.name, "she keeps reading")
        self.assertFalse(deal.with_user(self.lena).has_access("write"))
        told = deal.with_user(self.lena)._deal_panel_cover(fields.Datetime.now())
        self.assertEqual(told["lines"][0]["text"], "Ines looks after this for Lena")
        self.assertTrue(self.env["sales.stage.history"].with_user(self.lena).search_count(
            [("lead_id", "=", deal.id)]))
        won.with_user(self.ines).action_set_won()
        given.write({"user_id": self.finn.id})
        with self._on(9):
            self._turn()
            self.assertEqual(cover.state, "done", "still the last day")
        with self._on(10):
            self._turn()
        self.assertEqual(cover.state, "undone")
        self.assertEqual((deal | late).user_id, self.lena)
        self.assertEqual(call.user_id, self.lena)
        self.assertFalse(deal.cover_for_id)
        self.assertFalse(deal._deal_panel_cover(fields.Datetime.now()))
        self.assertEqual((won.user_id, given.user_id), (self.ines, self.finn))
        self.assertTrue(won.with_user(self.lena).has_access("read"), "she sees how it ended")
        self.assertFalse(given.with_user(self.lena).has_access("read"))
        self.assertEqual(deal.read(["team_id", "stage_id", "date_last_stage_update"]), before)

    def _turn(self):
        """The job, as the clock of the test has it."""
        with self.enter_registry_test_mode():
            self.env["sales.handover"]._turn_covers()
            for cover in self.env["sales.handover"].search(
                    [("state", "in", ("running", "returning"))]):
                cover._work_to_the_end()

    def test_whoever_covered_follows_nothing_afterwards(self):  # SA-9
        deals = self._create_deals(3, user_id=self.lena.id, partner_id=self.customers[0].id)
        deals[0].message_subscribe(partner_ids=self.ines.partner_id.ids)
        deals[1].activity_schedule("mail.mail_activity_data_call", user_id=self.lena.id)
        self._flush_tracking()
        before = self._snapshot()
        cover = self._plan_cover()
        cover.action_run()
        self.assertIn(self.ines.partner_id, deals[2].message_partner_ids)
        cover.action_undo()
        self._flush_tracking()
        self.assertSame(self._snapshot(), before)
        self.assertIn(self.ines.partner_id, deals[0].message_partner_ids, "as before")

    def test_a_cover_that_cannot_begin_says_so_once(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        cover = self._plan_cover()
        original = self.env.registry["sales.handover"]._plan

        def explode(records):
            raise ValueError("The sky fell")

        with self.at(f"{self.today} 12:00:00"):
            cover.sudo()._set_scheduled()
            self.patch(self.env.registry["sales.handover"], "_plan", explode)
            for _hour in range(3):
                self._turn()
            self.assertEqual((cover.state, cover.failure), ("scheduled", "The sky fell"))
            told = cover.message_ids.filtered(lambda message: "sky" in message.body)
            self.assertEqual(len(told), 1)
            self.patch(self.env.registry["sales.handover"], "_plan", original)
            self._turn()
        self.assertEqual((cover.state, cover.failure), ("done", False))

    def test_no_new_leads_while_away(self):  # SA-9
        members = self.lena.crm_team_member_ids
        self._create_deal(user_id=self.lena.id)
        cover = self._plan_cover()
        cover.action_run()
        self.assertEqual(members.mapped("assignment_optout"), [True, True])
        cover.action_undo()
        self.assertEqual(members.mapped("assignment_optout"), [False, False])

    def test_ended_early_and_extended(self):  # SA-9
        deal = self._create_deal(user_id=self.lena.id)
        cover = self._plan_cover()
        cover.action_run()
        cover.with_user(self.max).date_to = fields.Date.add(self.today, days=20)
        with self._on(15):
            self._turn()
        self.assertEqual((cover.state, deal.user_id), ("done", self.ines))
        cover.with_user(self.max).action_undo()
        self.assertEqual((cover.state, deal.user_id), ("undone", self.lena))

    def test_one_cover_at_a_time(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        self._plan_cover().action_run()
        with self.assertRaisesRegex(ValidationError, "already covered"):
            self._plan_cover(start=5, to=self.fay).action_run()
        with self.assertRaisesRegex(ValidationError, "Ines covers for Lena"):
            self._plan_cover(start=3, person=self.ines, to=self.fay)
        with self.assertRaisesRegex(ValidationError, "Lena is away"):
            self._plan_cover(start=3, person=self.fay, to=self.lena)
        self._plan_cover(start=8, person=self.ines, to=self.fay)  # the day after

    def test_days_that_make_no_sense(self):  # SA-9
        with self.assertRaisesRegex(ValidationError, "before the first"):
            self._plan_cover(days=-1)
        with self.assertRaisesRegex(ValidationError, "first and its last day"):
            self._prepare(kind="cover", distribution="one", to_user_id=self.ines.id)

    def test_whoever_leaves_ends_the_covers(self):  # SA-9
        """Her own, and that of the one she stands in for."""
        deal = self._create_deal(user_id=self.lena.id)
        own = self._plan_cover(to=self.fay)
        own.action_run()
        self.assertEqual(deal.user_id, self.fay)
        other = self._create_deal(user_id=self.ines.id)
        cover = self._plan_cover(start=0, person=self.ines, to=self.finn)
        cover.action_run()
        self.finn.write({"active": False})
        self.assertEqual((cover.state, other.user_id), ("undone", self.ines))
        self.lena.write({"active": False})
        self.assertEqual((own.state, deal.user_id), ("undone", self.lea))

    def test_a_cover_in_force_cannot_be_rewritten(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        cover = self._plan_cover()
        cover.action_run()
        with self.assertRaisesRegex(UserError, "has begun"):
            cover.with_user(self.max).to_user_id = self.fay
        with self.assertRaisesRegex(UserError, "stays on record"):
            cover.unlink()

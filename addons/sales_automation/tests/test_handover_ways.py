"""Three ways to give work out, who may do it, and what happens when it is cut off (SA-9)."""

from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.exceptions import AccessError, UserError

from .common_handover import HandoverCase


class TestDistribution(HandoverCase):
    def test_within_each_team_by_room(self):  # SA-9
        """Finn holds three deals already; Fay bears twice as much. Ines is alone inside."""
        self._create_deals(3, user_id=self.finn.id, team_id=self.team_field.id)
        members = self.team_field.crm_team_member_ids
        members.filtered(lambda row: row.user_id == self.finn).assignment_max = 10
        members.filtered(lambda row: row.user_id == self.fay).assignment_max = 20
        partners = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(6)])
        field = self.env["crm.lead"]
        for partner in partners:
            field |= self._create_deal(
                user_id=self.lena.id, team_id=self.team_field.id, partner_id=partner.id)
        inside = self._create_deals(2, user_id=self.lena.id, stage_id=self.stage_inside.id)
        handover = self._prepare(distribution="team")
        handover.action_run()
        self.assertEqual(handover.state, "done", "few lines are moved at once")
        self.assertEqual(inside.user_id, self.ines)
        # Room used: Finn 3/10; Fay 0/20, 1/20, … She gets five, until she is at 6/20 = 3/10;
        # at 6/20 the lower id (Finn) wins, so it takes all six to get there.
        self.assertEqual(field.user_id, self.fay)

    def test_a_customer_stays_with_one_person(self):  # SA-9
        same = self._create_deals(
            4, user_id=self.lena.id, team_id=self.team_field.id, partner_id=self.customers[3].id)
        other = self._create_deals(
            4, user_id=self.lena.id, team_id=self.team_field.id, partner_id=self.customers[4].id)
        self._prepare(distribution="team").action_run()
        self.assertEqual(len(same.user_id), 1)
        self.assertEqual(len(other.user_id), 1)
        self.assertEqual(same.user_id | other.user_id, self.finn | self.fay)
        self.assertEqual(self.customers[3].user_id, same.user_id, "and the customer goes along")

    def test_a_customer_goes_with_the_largest_deal(self):  # SA-9: not with the first in the list
        for starred, largest in ((self.team_field, self.ines), (self.team_inside, self.fay)):
            customer = self.env["res.partner"].create({"name": "Both", "user_id": self.lena.id})
            for team in (self.team_inside, self.team_field):
                self._create_deal(
                    user_id=self.lena.id, team_id=team.id, partner_id=customer.id,
                    priority="3" if team == starred else "0",
                    expected_revenue=10 if team == starred else 9000)
            self.team_field.crm_team_member_ids.filtered(
                lambda row: row.user_id == self.finn).assignment_optout = True
            handover = self._prepare(distribution="team")
            line = handover.line_ids.filtered(
                lambda line, customer=customer: line.kind == "partner"
                and line.res_id == customer.id)
            self.assertEqual(line.to_user_id, largest)
            handover.action_cancel()

    def test_of_teams_left_together_the_first_leads(self):  # SA-9: archived by one write
        members = self.lena.crm_team_member_ids
        members.action_archive()
        self.env.flush_all()
        self.env.cr.execute(  # the first by its id, and the last that any scan finds
            "UPDATE crm_team_member SET id = -id WHERE id = %s", [max(members.ids)])
        self.env.invalidate_all()
        handover = self.env["sales.handover"].new({"from_user_id": self.lena.id})
        self.assertEqual(handover._get_old_team(), self.team_field)

    def test_whoever_opted_out_or_is_away_gets_nothing(self):  # SA-9
        self._create_deals(4, user_id=self.lena.id, team_id=self.team_field.id)
        self.team_field.crm_team_member_ids.filtered(
            lambda row: row.user_id == self.finn).assignment_optout = True
        handover = self._prepare(distribution="team")
        deals = handover.line_ids.filtered(lambda line: line.kind == "deal")
        self.assertEqual(deals.to_user_id, self.fay)

    def test_counted_in_words(self):  # SA-9
        self._create_deals(2, user_id=self.lena.id)
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        self.assertEqual(handover.content, "2 team memberships, 2 deals, 5 customers")
        one = handover.get_handover_preview()["receivers"][0]
        self.assertEqual(one["work"], "2 deals, 5 customers")
        handover.sudo()._set_running(self.max)
        handover.with_user(SUPERUSER_ID)._work_to_the_end()
        last = handover.message_ids.filtered(lambda message: "2 deals" in message.body)[:1]
        self.assertIn("Moved: 2 team memberships, 2 deals, 5 customers", last.body)
        self.assertEqual(last.author_id, self.max.partner_id, "the job works for him")

    def test_an_activity_moves_with_its_meeting(self):  # SA-9
        deal = self._create_deal(user_id=self.lena.id)
        call = deal.activity_schedule(
            "mail.mail_activity_data_meeting", user_id=self.lena.id, summary="Visit")
        self.deals = deal
        event = self._create_meetings(1, activity_ids=[fields.Command.link(call.id)])
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        line = handover.line_ids.filtered(lambda line: line.kind == "activity")
        self.assertEqual((event.user_id, call.user_id), (self.fay, self.fay))
        self.assertEqual((line.state, line.reason), ("moved", "Moved with the meeting."))
        handover.action_undo()
        self.assertEqual((event.user_id, call.user_id), (self.lena, self.lena))
        self.assertEqual(line.state, "undone")

    def test_line_by_line(self):  # SA-9
        first, second = self._create_deals(2, user_id=self.lena.id)
        call = first.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.lena.id, summary="Ring")
        handover = self._prepare(distribution="line")
        with self.assertRaisesRegex(UserError, "Choose who takes this over"):
            handover.action_run()
        self.assertEqual(first.user_id, self.lena, "nothing changed")
        lines = {(line.res_model, line.res_id): line for line in handover.line_ids}
        handover.set_handover_receiver([lines["crm.lead", first.id].id], self.ines.id)
        self.assertEqual(lines["mail.activity", call.id].to_user_id, self.ines, "it follows")
        lines["crm.lead", second.id].with_user(self.max).action_leave_out()
        rest = handover.line_ids.filtered(
            lambda line: line.state == "planned" and not line.to_user_id
            and line.kind != "membership")
        handover.set_handover_receiver(rest.ids, self.fay.id)
        handover.action_run()
        self.assertEqual((first.user_id, call.user_id), (self.ines, self.ines))
        self.assertEqual(second.user_id, self.lena, "left out")
        self.assertEqual(self.customers.user_id, self.fay)

    def test_a_deal_goes_to_another_team(self):  # SA-9
        """Keep: nothing but the owner changes. Move: the nearest stage that the team has."""
        deals = self._create_deals(2, user_id=self.lena.id, stage_id=self.stage_inside.id)
        keep = self._prepare(distribution="one", to_user_id=self.fay.id)
        self.assertIn("outside their team", keep._get_warnings()[0])
        keep.action_run()
        self.assertEqual(
            (deals.user_id, deals.team_id, deals.stage_id),
            (self.fay, self.team_inside, self.stage_inside))
        keep.action_undo()
        self.assertEqual(deals.user_id, self.lena)
        move = self._prepare(distribution="one", to_user_id=self.fay.id, team_policy="receiver")
        move.action_run()
        self.assertEqual((deals.user_id, deals.team_id), (self.fay, self.team_field))
        self.assertEqual(deals.stage_id, self.stage_offer, "40 comes nearest before 50")
        move.action_undo()
        self.assertEqual(
            (deals.user_id, deals.team_id, deals.stage_id),
            (self.lena, self.team_inside, self.stage_inside))

    def test_receivers_who_may_not(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        clerk = self._create_user("clerk", "base.group_user")
        handover = self._prepare(distribution="one", to_user_id=clerk.id)
        with self.assertRaisesRegex(UserError, "Clerk has no right to sell"):
            handover.action_run()
        abroad = self.env["res.company"].create({"name": "Abroad"})
        far = self._create_user(
            "far", "sales_team.group_sale_salesman", company_id=abroad.id,
            company_ids=[fields.Command.set(abroad.ids)])
        handover.to_user_id = far
        with self.assertRaisesRegex(UserError, "Far does not work in"):
            handover.action_run()
        self.assertEqual(handover.state, "draft")

    def test_a_led_team_needs_a_new_leader(self):  # SA-9
        self.team_field.user_id = self.lena
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        line = handover.line_ids.filtered(lambda row: row.kind == "leader")
        self.assertEqual(line.res_id, self.team_field.id)
        handover.action_run()
        self.assertEqual(self.team_field.user_id, self.fay)
        handover.action_undo()
        self.assertEqual(self.team_field.user_id, self.lena)

    def test_hand_offs_that_wait_for_the_leaver(self):  # SA-9, SA-8
        deal = self._create_deal()
        waiting = self._hand_off(deal, self.lena)
        self._prepare(distribution="one", to_user_id=self.fay.id).action_run()
        self.assertEqual((waiting.to_user_id, deal.handoff_to_id), (self.fay, self.fay))
        waiting.with_user(self.fay).action_accept()
        self.assertEqual(deal.user_id, self.fay)

    def test_orders_only_when_asked(self):  # SA-9
        self.deals = self._create_deals(18, user_id=self.lena.id)
        order = self._create_quotes(1)
        order.write({"state": "sale"})
        plain = self._prepare(distribution="one", to_user_id=self.fay.id)
        self.assertNotIn(order.id, plain.line_ids.filtered(
            lambda row: row.res_model == "sale.order").mapped("res_id"))
        plain.with_orders = True
        self.assertIn("order", plain.line_ids.mapped("kind"))

    def test_what_changed_since_the_preview(self):  # SA-9
        """A deal that was won or given away between preview and run stays where it is."""
        won, given, late = self._create_deals(3, user_id=self.lena.id)
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        won.action_set_won()
        given.user_id = self.finn
        handover.action_run()
        self.assertEqual(
            (won.user_id, given.user_id, late.user_id), (self.lena, self.finn, self.fay))
        skipped = handover.line_ids.filtered(lambda row: row.state == "skipped")
        self.assertEqual(set(skipped.mapped("res_id")), {won.id, given.id})


class TestRights(HandoverCase):
    def test_managers_and_leaders_of_the_team(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        stranger = self._create_user("boss", "sales_team.group_sale_salesman_all_leads")
        for user in (self.finn, stranger):
            with self.assertRaises(AccessError):
                self._prepare(user=user, distribution="leader")
        handover = self._prepare(user=self.lea, distribution="one", to_user_id=self.fay.id)
        for user in (self.finn, stranger, self.otto):
            with self.assertRaises(AccessError):
                handover.with_user(user).action_run()
            self.assertFalse(self.env["sales.handover"].with_user(user).search([]))
        handover.with_user(self.lea).action_run()
        self.assertEqual(handover.state, "done")
        self.assertTrue(handover.with_user(self.fay).read(["kind"]), "receivers may look")
        self.assertFalse(handover.with_user(self.fay).can_manage)
        preview = handover.with_user(self.fay).get_handover_preview()
        kinds = {group["kind"] for group in preview["groups"]}
        self.assertIn("deal", kinds)
        self.assertNotIn("membership", kinds, "only what he received")
        with self.assertRaises(AccessError):
            handover.with_user(self.fay).action_undo()

    def test_a_plan_is_not_shown_to_its_receivers(self):  # SA-9
        """Nobody learns from a draft that a colleague leaves, nor of what he will not get."""
        deal, other = self._create_deals(2, user_id=self.lena.id)
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        theirs = self.env["sales.handover"].with_user(self.fay)
        lines = self.env["sales.handover.line"].with_user(self.fay)
        self.assertFalse(theirs.search([]))
        self.assertFalse(lines.search([]))
        left_out = handover.line_ids.filtered(
            lambda line: line.res_model == "crm.lead" and line.res_id == other.id)
        left_out.action_leave_out()
        handover.action_run()
        self.assertEqual(theirs.search([]), handover)
        shown = lines.search([("kind", "=", "deal")])
        self.assertEqual(shown.mapped("res_id"), deal.ids, "what was left out is not his")
        cancelled = self._prepare(person=self.finn, distribution="one", to_user_id=self.fay.id)
        cancelled.action_cancel()
        self.assertNotIn(cancelled, theirs.search([]))

    def test_a_cover_is_shown_before_it_begins(self):  # SA-9
        self._create_deal(user_id=self.lena.id)
        first = fields.Date.add(fields.Date.today(), days=3)
        cover = self._prepare(
            kind="cover", distribution="one", to_user_id=self.fay.id, date_from=first,
            date_to=fields.Date.add(first, days=7))
        for user in (self.fay, self.lena):
            self.assertFalse(cover.with_user(user).has_access("read"))
        cover.action_run()
        for user in (self.fay, self.lena):
            self.assertTrue(cover.with_user(user).has_access("read"))
            deal = cover.line_ids.filtered(lambda line: line.kind == "deal")
            self.assertTrue(deal.with_user(user).has_access("read"))

    def test_records_cannot_be_forged(self):  # SA-9
        deal = self._create_deal(user_id=self.finn.id)
        handover = self._prepare(user=self.lea, distribution="one", to_user_id=self.fay.id)
        line = handover.line_ids[0].with_user(self.lea)
        for vals in ({"res_id": deal.id}, {"from_values": {"user_id": self.lea.id}},
                     {"state": "moved"}):
            with self.assertRaises(AccessError):
                line.write(vals)
        for vals in ({"state": "done"}, {"archive_user": True}, {"leader_ids": [(4, 1)]}):
            with self.assertRaises(AccessError):
                handover.with_user(self.lea).write(vals)
        with self.assertRaises(AccessError):
            self.env["sales.handover.line"].with_user(self.max).create(
                {"handover_id": handover.id, "kind": "deal", "res_model": "crm.lead",
                 "res_id": deal.id})
        with self.assertRaises(AccessError):
            deal.with_user(self.finn).cover_for_id = self.lea

    def test_an_administrator_who_does_not_sell(self):  # SA-9
        """Whoever manages users archives on the screen, sees the plan and runs it."""
        self._create_deals(2, user_id=self.lena.id)
        clerk = self._create_user("admin", "base.group_erp_manager")
        users = self.env["res.users"]
        with patch.object(type(users), "_is_called_on_screen", lambda *args: True):
            action = self.lena.with_user(clerk).action_archive()
        handover = self.env["sales.handover"].with_user(clerk).browse(action["res_id"])
        preview = handover.get_handover_preview()
        deals = next(group for group in preview["groups"] if group["kind"] == "deal")
        self.assertEqual((deals["count"], preview["can_edit"]), (2, True))
        handover.set_handover_receiver([deals["lines"][0]["id"]], self.fay.id)
        left_out = self.env["sales.handover.line"].with_user(clerk).browse(deals["lines"][1]["id"])
        left_out.action_leave_out()
        self.assertIn("Left out: 1 deal", " ".join(handover.get_handover_preview()["warnings"]))
        handover.action_run()
        self.assertFalse(self.lena.active)
        leads = self.env["crm.lead"].browse([line["res_id"] for line in deals["lines"]])
        self.assertEqual(
            leads.mapped("user_id"), self.fay | self.lea, "what is left out is not lost either")
        self.assertEqual(
            self.env["sales.handover"].search_count([("from_user_id", "=", self.lena.id)]), 1)

    def test_another_company_sees_nothing(self):  # SA-9
        abroad = self.env["res.company"].create({"name": "Abroad"})
        self._create_deal(user_id=self.lena.id)
        handover = self._prepare(distribution="leader")
        chief = self._create_user(
            "chief", "sales_team.group_sale_manager", company_id=abroad.id,
            company_ids=[fields.Command.set(abroad.ids)])
        self.assertFalse(self.env["sales.handover"].with_user(chief).search([]))
        with self.assertRaises(AccessError):
            handover.with_user(chief).get_handover_preview()


class TestInterruption(HandoverCase):
    def setUp(self):
        super().setUp()
        self._fill_desk()

    def test_a_job_that_is_cut_goes_on(self):  # SA-9
        """The first run has time for one batch; the next one does the rest, nothing twice."""
        before = self._get_last_message()
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        handover.action_run()
        self.assertEqual((handover.state, handover.progress), ("running", 0.0))
        cron = type(self.env["ir.cron"])
        answers = iter([9.0, 0.0])
        with patch.object(cron, "_commit_progress", lambda *args, **kw: next(answers)):
            self.env["sales.handover"]._cron_work_handovers()
        handover.invalidate_recordset()
        moved = handover.line_ids.filtered(lambda line: line.state == "moved")
        self.assertEqual(len(moved), 50)
        self.assertEqual(handover.state, "running")
        at_first = {line.id: line.moved_at for line in moved}
        self._run_handovers()
        self.assertEqual(handover.state, "done")
        self.assertNothingLost()
        self.assertEqual({line.id: line.moved_at for line in moved}, at_first)
        self.assertEqual(self._count_notices(self.fay, before), 1)

    def test_one_broken_object_stops_nothing(self):  # SA-9
        handover = self._prepare(distribution="one", to_user_id=self.fay.id)
        broken = self.deals[5]
        leads = type(self.env["crm.lead"])
        write = leads.write

        def refuse(records, vals):
            if vals.get("user_id") and broken in records:
                raise UserError("Not this one")
            return write(records, vals)

        with patch.object(leads, "write", refuse):
            handover.action_run()
            self._run_handovers()
        self.assertEqual(handover.state, "done")
        failed = handover.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual((failed.res_id, failed.failure), (broken.id, "Not this one"))
        self.assertEqual((self.deals - broken).user_id, self.fay)
        handover.action_retry()
        self._run_handovers()
        self.assertEqual((broken.user_id, failed.state), (self.fay, "moved"))

    def test_a_plan_does_not_ask_object_by_object(self):  # SA-9, P-8
        """Ten times the deals and activities, but not more questions to the database."""
        def count(person, number):
            deals = self._create_deals(number, user_id=person.id)
            self.env["mail.activity"].with_context(mail_activity_quick_update=True).create([{
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": deal.id,
                "user_id": person.id, "summary": "Ring",
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            } for deal in deals])
            handover = self._prepare(person=person, distribution="leader")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            handover.sudo()._plan()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few, many = count(self.finn, 10), count(self.ines, 100)
        self.assertLess(many, few + 20)

    def test_preview_of_many_lines_is_few_queries(self):  # SA-9
        handover = self._prepare(distribution="team")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        preview = handover.get_handover_preview()
        used = self.env.cr.sql_log_count - before
        self.assertGreater(sum(group["count"] for group in preview["groups"]), 110)
        self.assertLess(used, 60)

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import SalesDeskCase

NOW = "2026-06-01 09:00:00"  # a Monday
DAY = timedelta(days=1)


class DisciplineCase(SalesDeskCase):
    """Deals that began some days before the day of the story."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.to_datetime(NOW)
        cls.carla = cls.env["res.partner"].create({
            "name": "Carla", "email": "carla@customer.example"})
        cls.env.company.write({
            "sales_stale_contact_days": 21, "sales_stale_slips": 2, "sales_nudge": "daily",
            "sales_stale_escalation_days": 7})

    def _ago(self, days):
        return self.now - days * DAY

    def _deal(self, began=40, contact=None, kind="call", **kw):
        """A deal that began and was last in touch so many days ago."""
        slips = kw.pop("slips", 0)
        snooze = kw.pop("snooze", None)
        with self.at(self._ago(began)):
            deal = self._create_deal(partner_id=self.carla.id, **kw)
            self.env.flush_all()
            # The column is the transaction's own clock.
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s", [self._ago(began), deal.id])
            deal.invalidate_recordset(["create_date"])
        deal.sudo().write({
            "last_contact_at": contact is not None and self._ago(contact),
            "last_contact_kind": contact is not None and kind,
            "last_reply_at": contact is not None and kind != "mail_out" and self._ago(contact),
            "slip_count": slips, "slip_days": slips * 30,
            "snooze_until": snooze and (self.now + snooze * DAY).date()})
        return deal


@tagged("post_install", "-at_install")
class TestStale(DisciplineCase):
    """Stale by contact with the customer, by the pace of won deals, by closing dates."""

    def _won(self, *days):
        """Deals that were won after so many days in the offer stage."""
        for count in days:
            with self.at(self._ago(100)):
                deal = self._create_deal(stage_id=self.stage_offer.id)
            with self.at(self._ago(100 - count)):
                deal.action_set_won()
        self.env["sales.stage.pace"]._measure(self.now)

    def _cast(self):
        late = (self.now - 3 * DAY).date()
        return {
            "fine": self._deal(10, 5),
            "silent": self._deal(40, 22),
            "just not": self._deal(40, 21),
            "never in touch": self._deal(30),
            "late": self._deal(10, 5, date_deadline=late),
            "slipped": self._deal(10, 5, slips=2),
            "slipped once": self._deal(10, 5, slips=1),
            "late and slipped": self._deal(10, 5, date_deadline=late, slips=2),
            "quiet": self._deal(40, 39, snooze=10),
            "quiet until yesterday": self._deal(40, 39, snooze=-1),
            "won": self._deal(40, 39, stage_id=self.stage_won.id),
            "lead": self._deal(40, 39, type="lead"),
        }

    def test_all_stale_deals_are_found_in_one_go(self):  # SA-6
        """100,000 open deals are joined with their signs, not asked one after the other."""
        stale, fine = self._deal(40, 30), self._deal(10, 2)
        with self.at(NOW):
            deals = self.env["crm.lead"].search([("stale_level", "=", "stale")])
            query = self.env["crm.lead"]._search([("stale_level", "in", ("watch", "stale"))])
            plan = "\n".join(line for line, in self.env.execute_query(
                SQL("EXPLAIN %s", query.select())))
        self.assertEqual(deals & (stale | fine), stale)
        self.assertNotIn("SubPlan", plan)

    def test_signs_and_levels(self):  # SA-6
        cast = self._cast()
        with self.at(NOW):
            levels = {name: deal.stale_level for name, deal in cast.items()}
            self.assertEqual(levels, {
                "fine": "none", "silent": "stale", "just not": "none", "never in touch": "stale",
                "late": "watch", "slipped": "watch", "slipped once": "none",
                "late and slipped": "stale", "quiet": "none", "quiet until yesterday": "stale",
                "won": "none", "lead": "none"})
            self.assertEqual(cast["silent"].stale_reasons, "No customer contact for 22 days")
            self.assertEqual(cast["never in touch"].stale_reasons, "Never in touch, 30 days")
            self.assertEqual(
                cast["late and slipped"].stale_reasons,
                "Closing date passed 3 days ago · Closing date put off 2 times by 60 days")
            self.assertFalse(cast["quiet"].stale_reasons)

    def test_search_is_what_is_shown(self):  # SA-6
        cast = self._cast()
        deals = self.env["crm.lead"].union(*cast.values())
        with self.at(NOW):
            for levels in (["stale"], ["watch"], ["none"], ["stale", "watch"], ["none", "stale"]):
                for operator in ("in", "not in"):
                    found = deals.search([
                        ("id", "in", deals.ids), ("stale_level", operator, levels)])
                    self.assertEqual(
                        found, deals.filtered(lambda d, lv=levels, op=operator: (
                            d.stale_level in lv) == (op == "in")).sorted(), (operator, levels))

    def test_settings_and_stage_decide(self):  # SA-6
        deal = self._deal(40, 15)
        silent = self._deal(40, 39)
        self.stage_new.max_days_no_contact = 14
        with self.at(NOW):
            self.assertEqual(deal.stale_level, "stale", "the stage is stricter")
            self.stage_new.max_days_no_contact = 0
            self.env.company.sales_stale_contact_days = 0
            self.env.invalidate_all()
            self.assertEqual((deal.stale_level, silent.stale_level), ("none", "none"))

    def test_pace_by_hand(self):  # SA-6: 1..8 days: p75 = 6.25, median = 4.5
        self._won(1, 2, 3, 4, 5, 6, 7)
        pace = self.env["sales.stage.pace"].search([("stage_id", "=", self.stage_offer.id)])
        self.assertEqual(pace.stay_count, 7)
        slow = self._deal(7, 1, stage_id=self.stage_offer.id)
        with self.at(NOW):
            self.assertEqual(slow.stale_level, "none", "seven stays say nothing")
            self.stage_offer.rotting_threshold_days = 5
            self.env.invalidate_all()
            self.assertEqual(
                (slow.stale_level, slow.stale_reasons),
                ("watch", "7 days in this stage, limit 5"))
        self._won(8)
        pace = self.env["sales.stage.pace"].search([("stage_id", "=", self.stage_offer.id)])
        self.assertEqual((pace.stay_count, pace.p75_days, pace.median_days), (8, 6.25, 4.5))
        quick = self._deal(6, 1, stage_id=self.stage_offer.id)
        with self.at(NOW):
            self.env.invalidate_all()
            self.assertEqual((slow.stale_level, quick.stale_level), ("watch", "none"))
            self.assertIn("(of 8) left it within 6.2", slow.stale_reasons)
            self.env.company.sales_stale_stage_age = False
            self.env.invalidate_all()
            self.assertEqual(slow.stale_level, "none")

    def test_pace_leaves_out_what_says_nothing(self):  # SA-6
        self._won(1, 2, 3)
        stays = self.env["sales.stage.history"].search([
            ("stage_id", "=", self.stage_offer.id), ("seconds", ">", 0)])
        self.env.cr.execute(
            "UPDATE sales_stage_history SET is_system = TRUE WHERE id = %s", [stays[0].id])
        self.env.cr.execute(
            "UPDATE sales_stage_history SET seconds = 59 WHERE id = %s", [stays[1].id])
        self.env["sales.stage.pace"]._measure(self.now)
        pace = self.env["sales.stage.pace"].search([("stage_id", "=", self.stage_offer.id)])
        self.assertEqual(pace.stay_count, 1)

    def test_a_page_costs_as_much_as_one(self):  # SA-6
        deals = self.env["crm.lead"].union(*(self._deal(40, 30) for _each in range(12)))
        self.env.flush_all()
        with self.at(NOW):
            for count in (1, 12):
                page = deals[:count]
                page.invalidate_recordset(["stale_level", "stale_reasons"])
                with self.assertQueryCount(1):
                    page.mapped("stale_reasons")

    def test_snooze_dialog(self):  # SA-6
        deal = self._deal(40, 39)
        with self.at(NOW):
            deal.activity_schedule(
                "mail.mail_activity_data_call", (self.now + 60 * DAY).date(),
                user_id=self.ines.id)
            values = self.env["sales.snooze"].with_user(self.ines).with_context(
                **deal.action_snooze()["context"]).default_get(["lead_ids", "until"])
            self.assertEqual(values["until"], (self.now + 60 * DAY).date(), "offered")
            with self.assertRaisesRegex(ValidationError, "future"):
                deal.with_user(self.ines)._snooze(self.now.date(), "no")
            deal.with_user(self.ines)._snooze((self.now + 60 * DAY).date(), "Call me in July")
            self.env.invalidate_all()
            self.assertEqual(deal.stale_level, "none")
            self.assertIn("Call me in July", deal.message_ids[0].body)
            deal.with_user(self.ines).action_wake()
            self.env.invalidate_all()
            self.assertEqual((deal.stale_level, deal.snooze_note), ("stale", False))

    def test_ask_and_reassign(self):  # SA-6
        deal = self._deal(40, 39, user_id=self.ines.id, stage_id=self.stage_inside.id)
        with self.at(NOW):
            deal.with_user(self.lea).action_ask_salesperson()
            act = deal.activity_ids
            self.assertEqual(act.user_id, self.ines)
            self.assertIn("No customer contact for 39 days", act.note)
            self.env["sales.reassign"].with_user(self.lea).create({
                "lead_ids": [fields.Command.set(deal.ids)], "user_id": self.finn.id,
                "note": "Ines is full"}).action_apply()
        self.assertEqual(
            (deal.user_id, deal.team_id, deal.stage_id),
            (self.finn, self.team_field, self.stage_inside))
        self.assertTrue(deal.message_ids.filtered(lambda m: "Ines is full" in m.body))


@tagged("post_install", "-at_install")
class TestNudge(DisciplineCase):
    """Who is told, how often, and what is kept of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Deals of the database itself would speak, too.
        cls.env["crm.lead"].search([]).active = False

    def _night(self, moment=NOW):
        with self.at(moment):
            self._run_cron("ir_cron_follow_stale")
            self._run_cron("ir_cron_remind")

    def _told(self, user):
        return self.env["mail.message"].search([
            ("partner_ids", "in", user.partner_id.ids), ("model", "=", False),
            ("message_type", "=", "user_notification")])

    def test_the_first_day_tells_back_nothing_of_the_deals(self):  # P-11: may be all there are
        stale, cases = self._deal(40, 30), self.env["sales.stale.case"]
        self.env.flush_all()
        self.assertEqual(self.env.execute_query(cases._query_open(self.now)), [])
        self.assertEqual(cases.search([("lead_id", "=", stale.id)]).found_at, self.now)
        self.assertEqual(self.env.execute_query(cases._query_end(self.now + 99 * DAY)), [])

    def test_one_grouped_message_a_day(self):  # SA-5, SA-6
        self.ines.notification_type = "inbox"
        stale = self.env["crm.lead"].union(*(self._deal(40, 30) for _each in range(3)))
        self._deal(10, 2)
        self._night()
        self._night()
        messages = self._told(self.ines)
        self.assertEqual(len(messages), 1)
        self.assertEqual(messages.notified_partner_ids, self.ines.partner_id)
        for deal in stale:
            self.assertIn(f"/odoo/crm.lead/{deal.id}", messages.body)
        self.assertIn("0 % of the open value", messages.body)
        nudge = self.env["sales.nudge"].search([("user_id", "=", self.ines.id)])
        self.assertEqual(
            (nudge.state, nudge.stale_count, nudge.missing_count), ("sent", 3, 1))
        cases = self.env["sales.stale.case"].search([("lead_id", "in", stale.ids)])
        self.assertEqual(set(cases.mapped("nudged_at")), {self.now})
        self._night("2026-06-02 09:00:00")
        self.assertEqual(len(self._told(self.ines)), 2)

    def test_weekly_off_and_weekend(self):  # SA-5
        self._deal(40, 30)
        self._night("2026-05-31 09:00:00")
        self.assertFalse(self._told(self.ines), "a Sunday")
        self.env.company.sales_nudge = "off"
        self._night()
        self.assertFalse(self._told(self.ines))
        self.env.company.sales_nudge = "weekly"
        self._night()
        self._night("2026-06-03 09:00:00")
        self.assertEqual(len(self._told(self.ines)), 1)
        self._night("2026-06-08 09:00:00")
        self.assertEqual(len(self._told(self.ines)), 2)

    def test_leader_is_told_once(self):  # SA-6
        deal = self._deal(40, 30)
        self._night()
        self.assertFalse(self._told(self.lea))
        self._night("2026-06-05 09:00:00")
        self.assertFalse(self._told(self.lea), "seven days are not over")
        for moment in ("2026-06-08 09:00:00", "2026-06-09 09:00:00", "2026-06-16 09:00:00"):
            self._night(moment)
        told = self._told(self.lea)
        self.assertEqual(len(told), 1)
        self.assertIn("Ines: No customer contact for 37 days", told.body)
        case = self.env["sales.stale.case"].search([("lead_id", "=", deal.id)])
        self.assertEqual((case.escalated_to_id, str(case.escalated_at)),
                         (self.lea, "2026-06-08 09:00:00"))
        # In touch again: the case is over. Stale once more: another case, another turn.
        deal.sudo().last_contact_at = "2026-06-17 09:00:00"
        self._night("2026-06-18 09:00:00")
        self.assertEqual(str(case.ended_at), "2026-06-18 09:00:00")
        self._night("2026-07-20 09:00:00")
        cases = self.env["sales.stale.case"].search([("lead_id", "=", deal.id)])
        self.assertEqual(len(cases), 2)

    def test_another_stage_is_another_case(self):  # SA-6
        deal = self._deal(40, 30)
        self._night()
        with self.at("2026-06-02 08:00:00"):
            deal.stage_id = self.stage_offer
        self._night("2026-06-02 09:00:00")
        cases = self.env["sales.stale.case"].search([("lead_id", "=", deal.id)], order="id")
        self.assertEqual([bool(case.ended_at) for case in cases], [True, False])

    def test_a_failure_is_kept_and_the_others_are_told(self):  # SA-5
        self._deal(40, 30)
        self._deal(40, 30, user_id=self.finn.id, team_id=self.team_field.id)
        cases = self.env.registry["sales.stale.case"]
        original = cases._remind

        def explode(model, user, now):
            if user == self.ines:
                raise ValueError("The sky fell")
            return original(model, user, now)

        self.patch(cases, "_remind", explode)
        self._night()
        nudges = self.env["sales.nudge"].search([
            ("user_id", "in", (self.ines | self.finn).ids)])
        self.assertEqual(
            {(n.user_id, n.state, n.failure) for n in nudges},
            {(self.ines, "failed", "The sky fell"), (self.finn, "sent", False)})
        self.patch(cases, "_remind", original)
        self._night()
        self.assertEqual(set(nudges.mapped("state")), {"sent"})

    def test_a_run_without_time_tells_one_person(self):  # SA-5: then core calls again
        self._deal(40, 30)
        self._deal(40, 30, user_id=self.finn.id, team_id=self.team_field.id)
        self.env["sales.stale.case"]._follow(self.now)
        told = []

        def commit_progress(records, processed=0, **kw):
            told.append((processed, kw.get("remaining")))
            return 0

        self.patch(self.env.registry["ir.cron"], "_commit_progress", commit_progress)
        with self.at(NOW), patch.object(
                self.env.registry["sales.stale.case"], "_follow") as follow:
            self.env["sales.stale.case"]._cron_remind()
        follow.assert_not_called()
        self.assertEqual(told, [(0, 2), (1, None)])
        self.assertEqual(len(self._told(self.ines)) + len(self._told(self.finn)), 1)

    def test_no_leader_no_noise(self):  # SA-6
        self.team_inside.user_id = False
        deal = self._deal(40, 30)
        self._night()
        self._night("2026-06-08 09:00:00")
        case = self.env["sales.stale.case"].search([("lead_id", "=", deal.id)])
        self.assertIn("no leader", case.failure)

    def test_rights(self):  # SA-6
        deal = self._deal(40, 30)
        self._night()
        cases, nudges = self.env["sales.stale.case"], self.env["sales.nudge"]
        for user, sees in ((self.ines, True), (self.finn, False), (self.lea, True)):
            self.assertEqual(
                bool(cases.with_user(user).search([("lead_id", "=", deal.id)])), sees)
            self.assertEqual(
                bool(nudges.with_user(user).search([("user_id", "=", self.ines.id)])), sees)


@tagged("post_install", "-at_install")
class TestDisciplineDay(DisciplineCase):
    """What My Day says of stale deals and passed closing dates."""

    def _lines(self, key, user=None):
        user = user or self.ines
        with self.at(NOW):
            self.env.invalidate_all()
            day = self.env["sales.day"].with_user(user)
            return {line["lead_id"]: line for line in getattr(day, f"_day_lines_{key}")(
                user, self.now)}

    def test_stale_deals_of_the_day(self):  # SA-6, SA-18
        stale, small = self._deal(40, 30), self._deal(40, 30, expected_revenue=5)
        fine, others = self._deal(10, 2), self._deal(40, 30, user_id=self.finn.id)
        lines = self._lines("stale")
        self.assertEqual([lead for lead in lines if lead in (stale | small | fine | others).ids],
                         [stale.id, small.id])
        line = lines[stale.id]
        self.assertEqual(
            (line["reason"], line["amount"], line["title"], line["subtitle"]),
            ("No customer contact for 30 days", 1000.0, stale.name, "Carla"))
        for action in line["actions"]:
            self.assertTrue(getattr(self.env[action["model"]].browse(
                line["res_id"]), action["method"])(), action)

    def test_closing_dates_that_passed(self):  # SA-6, SA-18
        late = self._deal(10, 2, date_deadline=(self.now - 3 * DAY).date())
        today = self._deal(10, 2, date_deadline=self.now.date())
        quiet = self._deal(10, 2, date_deadline=(self.now - 3 * DAY).date(), snooze=5)
        lines = self._lines("late_close")
        self.assertIn("passed 3 days ago", lines[late.id]["reason"])
        self.assertFalse({today.id, quiet.id} & set(lines))
        self.env.company.sales_stale_deadline = False
        late.company_id = self.env.company
        self.assertNotIn(late.id, self._lines("late_close"))

    def test_same_queries_for_one_and_twelve(self):  # SA-18
        def count():
            before = self.env.cr.sql_log_count
            self._lines("stale")
            return self.env.cr.sql_log_count - before

        self._deal(40, 30)
        count()
        one = count()
        for _each in range(11):
            self._deal(40, 30)
        count()  # what was pending is written
        self.assertLessEqual(count(), one)

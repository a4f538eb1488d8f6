from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.addons.lead_nurture.models import nurture_enrolment_sweep
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_goal import WAIT, GoalCase


@tagged("post_install", "-at_install")
class TestGoal(GoalCase):
    """People who have what the scenario was for leave at once, and are counted."""

    def _goal(self, kind="event", **kw):
        return {"goal_ids": [Command.create({"kind": kind, "purpose": "goal", **kw})]}

    def test_a_purchase_ends_a_wait_of_thirty_days(self):  # LN-34
        lead = self._create_lead()
        scenario = self._enter(lead, **self._goal(event_kind="purchase", value=120))
        self._sweep()
        self.assertStands(lead, "wait", "waiting")
        bought_at = self.now - timedelta(hours=3)
        self._record(self._person_of(lead), "purchase", at=bought_at)
        self._sweep()
        self.assertLeft(lead, "goal")
        journey = self._enrolment_of(lead)
        self.assertEqual(journey.state, "done")
        self.assertEqual(journey.goal_at, bought_at)
        self.assertEqual(journey.goal_rule_id, scenario.goal_ids)
        self.assertEqual(journey.goal_value, 120)
        self.assertEqual(journey.exit_note, "Purchase")
        self.assertSteps(lead, [("wait", "end")])
        self.assertFalse(self.env["nurture.waiter"].search([("enrolment_id", "=", journey.id)]))

    def test_an_event_calls_the_job(self):  # LN-34
        lead = self._create_lead()
        self._enter(lead, **self._goal(event_kind="purchase"))
        cron = self.env.ref("lead_nurture.ir_cron_leave")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self._record(self._person_of(lead), "page_view")
        self.assertEqual(
            self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]), triggers,
            "nobody asks for visits",
        )  # fmt: skip
        self._record(self._person_of(lead), "purchase", at=self.now - timedelta(minutes=1))
        self.assertGreater(
            self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]), triggers
        )

    def test_the_news_alone_are_enough(self):  # LN-34
        one, other = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        self._enter(one | other, **self._goal(event_kind="purchase"))
        self._sweep()
        self._record(self._person_of(one), "purchase", at=self.now - timedelta(minutes=1))
        enrolments = self.env["nurture.enrolment"]
        looked_at, more = enrolments._leave_by_news(fields.Datetime.now())
        self.env.invalidate_all()
        self.assertTrue(looked_at)
        self.assertFalse(more)
        self.assertLeft(one, "goal")
        self.assertStands(other, "wait")
        self.assertEqual(enrolments._leave_by_news(fields.Datetime.now()), (0, False))

    def test_the_lane_asks_before_the_next_step(self):  # LN-34
        lead = self._create_lead()
        self._enter(lead, **self._goal(event_kind="purchase"))
        self._record(self._person_of(lead), "purchase", at=self.now - timedelta(hours=1))
        self._advance(self._later(days=31))
        self.assertLeft(lead, "goal")
        self.assertFalse(self._sends_of(lead), "no letter to who has bought")

    def test_what_was_before_does_not_count(self):  # LN-34
        lead = self._create_lead()
        self._record(self._person_of(lead), "purchase", days_ago=9)
        self._enter(lead, **self._goal(event_kind="purchase"))
        self._sweep()
        self.assertStands(lead, "wait")

    def test_machines_and_single_visits_do_not_count(self):  # LN-34, LN-3
        lead = self._create_lead()
        person = self._person_of(lead)
        self._enter(
            lead, **self._goal(event_kind="page_view", url_pattern="/pricing", min_count=2)
        )
        for hours, values in (
            (1, {"url": "https://pumps.test/pricing"}),
            (2, {"url": "https://pumps.test/pricing", "actor": "machine"}),
            (3, {"url": "https://pumps.test/jobs"}),
        ):
            self._record(person, at=self.now - timedelta(hours=hours), **values)
        self._sweep()
        self.assertStands(lead, "wait")
        second = self.now - timedelta(minutes=30)
        self._record(person, at=second, url="https://pumps.test/Pricing/pumps")
        self._sweep()
        self.assertLeft(lead, "goal")
        self.assertEqual(self._enrolment_of(lead).goal_at, second, "the one that fills the count")

    def test_days_are_counted_as_days(self):  # LN-34
        lead = self._create_lead()
        person = self._person_of(lead)
        self._enter(lead, days_ago=9, **self._goal(event_kind="page_view", min_count=2,
                                                   count_by="day"))  # fmt: skip
        for days in (3, 3.01):
            self._record(person, days_ago=days)
        day = (self.now - timedelta(days=3)).replace(hour=12)
        for minutes in (1, 2):
            self._record(person, at=day - timedelta(minutes=minutes))
        self._sweep()
        one_day = len({(self.now - timedelta(days=days)).date() for days in (3, 3.01)}) == 1
        if one_day:
            self.assertStands(lead, "wait")
        self._record(person, days_ago=1)
        self._sweep()
        self.assertLeft(lead, "goal")

    def test_a_won_deal_of_the_person(self):  # LN-34
        lead = self._create_lead()
        deal = self._create_lead("Ann's second", "ann@pumps.test", type="opportunity")
        self._enter(lead, trigger_domain="[('type', '=', 'lead')]", **self._goal("won"))
        self._sweep()
        self.assertStands(lead, "wait")
        deal.action_set_won()
        self._sweep()
        self.assertLeft(lead, "goal")

    def test_won_is_a_goal_rather_than_an_exit(self):  # LN-34
        lead = self._create_lead()
        self._enter(lead, exit_on_won=True, **self._goal("won"))
        lead.action_set_won()
        self._advance(self._later(days=31))
        self.assertLeft(lead, "goal")

    def test_a_status_or_one_further_on(self):  # LN-34
        one, other = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        statuses = self.env["nurture.status"].search([("off_path", "=", False)])
        self.env["nurture.stay"]._move_leads(one | other, statuses[0], "hand")
        self._enter(one | other, **self._goal("status", status_id=statuses[2].id))
        stays = self.env["nurture.stay"]
        stays._move_leads(one, statuses[1], "hand")
        stays._move_leads(other, statuses[3], "hand")
        self._sweep()
        self.assertStands(one, "wait")
        self.assertLeft(other, "goal")

    def test_conditions_on_the_lead(self):  # LN-34
        lead = self._create_lead()
        self._enter(lead, **self._goal("domain", domain="[('priority', '=', '3')]"))
        self._sweep()
        self.assertStands(lead, "wait")
        lead.priority = "3"
        self._sweep()
        self.assertLeft(lead, "goal")

    def test_a_goal_soon_after_leaving_counts(self):  # LN-34
        leads = [self._create_lead(n, f"{n}@pumps.test") for n in ("soon", "late")]
        scenario = self._enter(
            leads[0] | leads[1], days_ago=40, goal_days=10, **self._goal(event_kind="purchase")
        )
        for lead, ended_days in zip(leads, (5, 30), strict=True):
            journey = self._enrolment_of(lead)
            journey._set_exited("manual", self.now - timedelta(days=ended_days))
            self._record(self._person_of(lead), "purchase", days_ago=2)
        self._sweep()
        soon, late = (self._enrolment_of(lead) for lead in leads)
        self.assertTrue(soon.goal_at)
        self.assertEqual(soon.exit_reason, "manual", "why it ended stays what it was")
        self.assertEqual(soon.state, "exited")
        self.assertFalse(late.goal_at, "28 days after leaving is another story")
        scenario.goal_days = 0
        self.assertTrue(soon.goal_at, "what was counted stays counted")

    def test_two_goals_the_first_one_counts(self):  # LN-34
        lead = self._create_lead()
        goals = {
            "goal_ids": [
                Command.create({"kind": "event", "event_kind": kind, "value": value})
                for kind, value in (("purchase", 100), ("meeting", 10))
            ]
        }
        self._enter(lead, **goals)
        self._record(self._person_of(lead), "purchase", at=self.now - timedelta(hours=1))
        self._record(self._person_of(lead), "meeting", at=self.now - timedelta(hours=5))
        self._sweep()
        self.assertEqual(self._enrolment_of(lead).goal_rule_id.event_kind, "meeting")

    def test_of_two_goals_at_one_moment_the_upper_one_counts(self):  # LN-34
        lead = self._create_lead()
        goals = [Command.create({"event_kind": "purchase", "value": value}) for value in (100, 10)]
        upper, lower = self._enter(lead, goal_ids=goals).goal_ids
        self._record(self._person_of(lead), "purchase", at=self.now - timedelta(hours=1))
        scope = self._enrolment_of(lead)._query_among()
        for rules in (upper | lower, lower | upper):
            self.env.flush_all()
            [(_journey, rule_id, _segment, _at)] = rules._find_hits(rules, scope, self._later())
            self.assertEqual(rule_id, upper.id)
        lower.sequence = upper.sequence - 1
        self._sweep()
        self.assertEqual(self._enrolment_of(lead).goal_value, 10)

    def test_a_copy_has_the_same_goals(self):  # LN-34
        scenario = self._create_scenario(WAIT, start=False, **self._goal(event_kind="purchase"))
        self.assertEqual(scenario.copy().goal_ids.mapped("event_kind"), ["purchase"])

    def test_bad_goals_are_refused_with_a_sentence(self):  # LN-34
        for kind, vals, sentence in (
            ("status", {}, "which lifecycle status"),
            ("segment_enter", {}, "which segment"),
            ("domain", {"domain": "[]"}, "everybody would leave"),
            ("domain", {"domain": "[('no_such_field', '=', 1)]"}, "cannot be used"),
            ("event", {"min_count": 0}, "must be a number of 1 or more"),
        ):
            with self.subTest(kind=kind, **vals), self.assertRaisesRegex(
                ValidationError, sentence
            ):
                self._create_scenario(WAIT, start=False, **self._goal(kind, **vals))

    def test_a_broken_goal_stops_no_lane(self):  # LN-34, RELIABILITY 1
        lead, other = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        broken = self._enter(
            lead, trigger_domain="[('email_normalized', '=', 'ann@pumps.test')]",
            **self._goal("domain", domain="[('priority', '=', '3')]"),
        )  # fmt: skip
        sound = self._enter(
            other, trigger_domain="[('email_normalized', '=', 'ben@pumps.test')]",
            **self._goal(event_kind="purchase"),
        )  # fmt: skip
        self.env.cr.execute(
            "UPDATE nurture_scenario_rule SET domain = %s WHERE id = %s",
            ["[('gone_field', '=', 1)]", broken.goal_ids.id],
        )
        self.env.invalidate_all()
        self._record(self._person_of(other), "purchase", at=self.now - timedelta(hours=1))
        self._sweep()
        self.assertLeft(other, "goal")
        self.assertEqual(broken.state, "paused")
        self.assertIn("gone_field", broken.pause_reason)
        self.assertEqual(sound.state, "running")

    def test_the_job_runs_as_a_cron(self):  # LN-34
        lead, other = self._create_lead(), self._create_lead("Ben", "ben@pumps.test")
        self._enter(lead | other, **self._goal(event_kind="purchase"))
        self._record(self._person_of(lead), "purchase", at=self.now - timedelta(hours=1))
        self._let_sweep_again()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_leave").method_direct_trigger()
        self.env.invalidate_all()
        self.assertLeft(lead, "goal")
        self.assertStands(other, "wait")

    def test_a_great_base_is_looked_at_in_pieces(self):  # P
        leads = [self._create_lead(n, f"{n}@pumps.test") for n in ("one", "two", "three")]
        goal = self._goal("domain", domain="[('priority', '=', '3')]")
        self._enter(leads[0] | leads[1] | leads[2], **goal)
        for lead in leads:
            lead.priority = "3"
        self.env.flush_all()
        now, enrolments = fields.Datetime.now(), self.env["nurture.enrolment"]
        self.env["nurture.watermark"]._write_mark(
            "leave all", now, min(self._enrolment_of(lead).id for lead in leads) - 1
        )
        with patch.object(nurture_enrolment_sweep, "CHUNK", 1):
            self.assertEqual(enrolments._leave_inside(now), (1, True))
            self.env.invalidate_all()
            self.assertEqual([bool(self._enrolment_of(lead).goal_at) for lead in leads].count(True),
                             1)  # fmt: skip
            while enrolments._leave_inside(now)[1]:
                pass
        self.env.invalidate_all()
        for lead in leads:
            self.assertLeft(lead, "goal")
        self.assertEqual(enrolments._leave_inside(now), (0, False), "not again at once")

    def test_journeys_that_ended_long_ago_are_not_read_any_more(self):  # P
        """Four have left: three lately, in two moments, and one too long ago to count."""
        names = ("inside", "one", "two", "three", "old")
        leads = {n: self._create_lead(n, f"{n}@pumps.test") for n in names}
        goal = self._goal("domain", domain="[('priority', '=', '3')]")
        scenario = self._enter(self.env["crm.lead"].union(*leads.values()), **goal)
        people = {name: self._enrolment_of(lead) for name, lead in leads.items()}
        for name, days in (("one", 5), ("two", 5), ("three", 1), ("old", 40)):
            people[name]._set_exited("manual", self._later(days=-days))
        for lead in leads.values():
            lead.priority = "3"
        now, enrolments = fields.Datetime.now(), self.env["nurture.enrolment"]
        enrolments.search([("scenario_id", "!=", scenario.id)]).unlink()
        self.env.flush_all()
        with patch.object(nurture_enrolment_sweep, "CHUNK", 1):
            self._let_sweep_again()
            self.assertEqual(enrolments._leave_inside(now), (1, True))
            self.assertEqual(enrolments._leave_inside(now), (0, False))
            for _name in ("one", "two", "three"):
                self.assertEqual(enrolments._leave_ended(now), (1, True))
            self.assertEqual(enrolments._leave_ended(now), (0, False), "the old one is not read")
            self.assertEqual(enrolments._leave_ended(now), (0, False), "not again at once")
        self.env.invalidate_all()
        reached = scenario.enrolment_ids.filtered("goal_at")
        self.assertEqual(set(scenario.enrolment_ids - reached), {people["old"]})
        late = self._later(minutes=16)
        self.assertEqual(enrolments._leave_ended(late), (0, False), "nobody is left to look at")

    def test_budget_of_the_job(self):  # LN-34
        """As many people as you like by the same statements."""
        counts = []
        for number in (10, 60):
            leads = self.env["crm.lead"]
            for i in range(number):
                leads |= self._create_lead(f"L{i}", f"l{i}.{number}@pumps.test", sync=False)
            self._sync()
            self._enter(leads, trigger_domain=f"[('email_normalized', 'like', '.{number}@')]",
                        **self._goal(event_kind="purchase"))  # fmt: skip
            self._sweep()
            for lead in leads:
                self._record(self._person_of(lead), "purchase", at=self.now - timedelta(hours=1))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["nurture.enrolment"]._leave_by_news(fields.Datetime.now())
            counts.append(self.env.cr.sql_log_count - before)
            self.env.invalidate_all()
            self.assertLeft(leads[0], "goal")
        self.assertLessEqual(counts[1], counts[0] + 3)

from odoo import Command
from odoo.tests import tagged

from .common_simulation import SimulationCase

MAIL_END = {"second": ("mail", {}, {"next": "end"}), "end": ("exit", {}, {})}


@tagged("post_install", "-at_install")
class TestSimulationLive(SimulationCase):
    """What is told is what happens: simulation and live lane side by side."""

    def assertSame(self, scenario, leads, usual=None, answers=None, click_after=None, **live):
        """Both take the same steps at the same seconds. → the people of the story"""
        people = [
            self._simulate(
                scenario, lead_id=lead.id, usual=usual or self._answers("none"),
                answers=answers or {},
            )["people"][0]
            for lead in leads
        ]  # fmt: skip
        self._live(scenario, leads, click_after, **live)
        for lead, person in zip(leads, people, strict=True):
            self.assertEqual(self._told(person), self._lived(scenario, lead), lead.name)
        return people

    def test_waits_branches_and_clicks(self):  # LN-36
        steps = self._welcome_steps()
        steps["remind"] = ("mail", {}, {"next": "pause"})
        steps["pause"] = ("wait", {"delay_count": 36, "delay_unit": "hours"}, {"next": "ask"})
        steps["ask"] = (
            "branch",
            {"condition": "domain", "domain": "[('city', '=', 'Hue')]"},
            {"yes": "clicked", "no": "end"},
        )
        steps["clicked"] = ("branch", {"event_kind": "mail_click"}, {"yes": "sales", "no": "end"})
        for hours in (7, 80, 100):
            lead = self._create_lead("Ann", f"ann{hours}@pumps.test", city="Hue")
            scenario = self._create_scenario(steps)
            first = scenario.version_id.node_ids.filtered(lambda n: n.name == "welcome")
            [person] = self.assertSame(
                scenario, lead, answers={first.uid: self._answers(hours=hours)}, click_after=hours
            )
            self.assertEqual(person["end"]["kind"], "done")

    def test_quiet_hours_of_the_recipient(self):  # LN-36, LN-35
        """It is 18:00 in Tokyo when Ken enters; the reminder after six hours waits for morning."""
        self.pumps.write({"nurture_quiet_from": 20, "nurture_quiet_to": 8})
        ken = self._create_lead("Ken", "ken@pumps.test", country_id=self.env.ref("base.jp").id)
        scenario = self._create_scenario(
            {
                "first": ("mail", {}, {"next": "wait"}),
                "wait": ("wait", {"delay_count": 6, "delay_unit": "hours"}, {"next": "second"}),
                **MAIL_END,
            }
        )
        [person] = self.assertSame(scenario, ken)
        second = person["lines"][2]
        self.assertEqual(person["tz"], "Asia/Tokyo")
        self.assertEqual(second["left"]["local"], "2026-03-17 08:00:00")
        self.assertIn("no mails at this hour", second["held"])
        self.assertFalse(person["lines"][0]["held"])

    def test_limit_of_mails_per_person(self):  # LN-36, LN-35
        self.pumps.write({"nurture_cap_mails": 1, "nurture_cap_days": 2})
        lead = self._create_lead()
        scenario = self._create_scenario({"first": ("mail", {}, {"next": "second"}), **MAIL_END})
        [person] = self.assertSame(scenario, lead)
        self.assertIn("as many mails as are allowed", person["lines"][1]["held"])

    def test_a_mail_that_would_come_too_late_is_left_out(self):
        self.pumps.write({"nurture_cap_mails": 1, "nurture_cap_days": 30})
        lead = self._create_lead()
        scenario = self._create_scenario({"first": ("mail", {}, {"next": "second"}), **MAIL_END})
        [person] = self.assertSame(scenario, lead)
        self.assertFalse(person["lines"][1]["sent"])
        self.assertIn("days late", person["lines"][1]["why"])

    def test_rate_of_the_company(self):  # LN-36, LN-35
        """Ten people, four mails an hour: told together as they would go together."""
        self.pumps.nurture_mail_rate = 4
        leads = self.env["crm.lead"].browse()
        for number in range(10):
            leads |= self._create_lead(f"P{number}", f"p{number}@rate.test")
        scenario = self._create_scenario(
            {"first": ("mail", {}, {"next": "end"}), "end": ("exit", {}, {})},
            trigger_domain="[('email_normalized', 'like', 'rate.test')]",
        )
        story = self._simulate(scenario, sample=10)
        told = sorted(person["lines"][0]["left"]["utc"] for person in story["people"])
        self.assertEqual(len(set(told)), 10)
        self.assertIn("no place before", story["people"][-1]["lines"][0]["held"])
        self.assertFalse(self.env["nurture.send.slot"].search([("company_id", "=", self.pumps.id)]))
        self._live(scenario, leads)
        lived = sorted(str(log.left_at) for log in scenario.enrolment_ids.log_ids
                       if log.node_id.name == "first")
        self.assertEqual(told, lived)

    def test_holds_no_lane_up(self):  # LN-36
        """No lock that a lane asks for is taken while a simulation runs."""
        self.pumps.write({"nurture_cap_mails": 3, "nurture_mail_rate": 9})
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        locks = []

        def advisory():
            self.env.cr.execute("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'"
                                " AND pid = pg_backend_pid()")
            return self.env.cr.fetchone()[0]

        story = type(self.env["nurture.simulation"])._prepare_story

        def spy(simulation, *arguments):
            locks.append(advisory())
            return story(simulation, *arguments)

        before = advisory()
        self.patch(type(self.env["nurture.simulation"]), "_prepare_story", spy)
        self._simulate(scenario, lead_id=lead.id)
        self.assertEqual(locks, [before])

    def test_a_split_sends_everybody_the_same_way(self):  # LN-36, LN-32
        scenario = self._create_scenario({}, start=False)
        node = self.env["nurture.node"].create(
            {"version_id": scenario.draft_id.id, "name": "toss", "kind": "split", "sequence": 0}
        )
        for position, name in enumerate(("a", "b"), 1):
            step = self.env["nurture.node"].create(
                {"version_id": scenario.draft_id.id, "name": name, "kind": "wait",
                 "sequence": position}
            )  # fmt: skip
            node.case_ids.sorted("sequence")[position - 1].to_id = step
        end = self.env["nurture.node"].create(
            {"version_id": scenario.draft_id.id, "name": "end", "kind": "exit", "sequence": 9}
        )
        for step in scenario.draft_id.node_ids.filtered(lambda n: n.kind == "wait"):
            step._set_exit_to("next", end)
        scenario.action_start()
        leads = self.env["crm.lead"].browse()
        for number in range(6):
            leads |= self._create_lead(f"P{number}", f"p{number}@pumps.test")
        people = self.assertSame(scenario, leads)
        self.assertIn("percentage", people[0]["lines"][0]["why"])

    def test_the_goal_ends_it(self):  # LN-36, LN-34
        lead = self._create_lead()
        scenario = self._create_scenario(
            self._welcome_steps(),
            goal_ids=[Command.create(
                {"kind": "event", "purpose": "goal", "event_kind": "mail_click", "value": 1}
            )],
        )  # fmt: skip
        [person] = self.assertSame(
            scenario, lead, usual=self._answers(hours=5), click_after=5
        )
        self.assertEqual(person["lines"][-1]["name"], "click", "nobody is handed over")
        self.assertIn("goal", person["end"]["text"])

    def test_a_step_that_is_paused_stops_it(self):  # LN-36, LN-43
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        node = scenario.version_id.node_ids.filtered(lambda n: n.name == "click")
        self.env["nurture.breaker"].create(
            {
                "node_id": node.id, "scenario_id": scenario.id, "company_id": self.pumps.id,
                "state": "open", "opened_at": self.now, "last_error": "It broke.",
            }
        )  # fmt: skip
        self.env.flush_all()
        person = self._simulate(scenario, lead_id=lead.id)["people"][0]
        self.assertEqual([line["name"] for line in person["lines"]], ["welcome", "click"])
        self.assertTrue(person["lines"][-1]["failed"])
        self.assertEqual(person["end"]["kind"], "failed")

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_goal import GoalCase

PARTED = {
    "letter": ("mail", {}, {"next": "click"}),
    "click": (
        "wait_event",
        {"event_kind": "mail_click", "delay_count": 3, "delay_unit": "days"},
        {"yes": "end", "timeout": "remind"},
    ),
    "remind": ("mail", {}, {"next": "end"}),
    "end": ("exit", {}, {}),
}


@tagged("post_install", "-at_install")
class TestResults(GoalCase):
    """Figures that say what came of a scenario, and rest on what they say."""

    def _people(self, count, prefix="p"):
        leads = self.env["crm.lead"]
        for number in range(count):
            leads |= self._create_lead(f"{prefix}{number}", f"{prefix}{number}@pumps.test",
                                       sync=False)  # fmt: skip
        self._sync()
        return leads

    def _run(self, leads, **kw):
        goals = [Command.create({"kind": "event", "event_kind": "purchase", "value": 50})]
        kw = {"goal_ids": goals, "user_id": self.adam.id, **kw}
        return self._enter(leads, steps=PARTED, days_ago=10, **kw)

    def _buy(self, leads, days_ago=4):
        for lead in leads:
            self._record(self._person_of(lead), "purchase", days_ago=days_ago)
        self._sweep()

    def _read(self, scenario, user=None, **kw):
        self.env.invalidate_all()
        return scenario.with_user(user or self.mira).read_results(**kw)

    def test_goal_rate_with_its_interval(self):  # LN-34: Newcombe 1998, 81 of 263
        leads = self._people(30)
        scenario = self._run(leads)
        self._buy(leads[:9])
        people = self._read(scenario)["people"]
        self.assertEqual((people["entered"], people["reached"], people["inside"]), (30, 9, 21))
        self.assertEqual(people["rate"], 30)
        # Wilson by hand: (0.3 + 1.9208/30 ± 1.96 √(0.21/30 + 3.8416/3600)) / (1 + 3.8416/30)
        self.assertAlmostEqual(people["low"], 16.7, 1)
        self.assertAlmostEqual(people["high"], 47.9, 1)
        self.assertEqual(people["value"], 450)
        self.assertAlmostEqual(people["days"], 6, 1, "entered ten days ago, bought four days ago")

    def test_too_few_say_so(self):  # LN-34
        leads = self._people(4)
        scenario = self._run(leads)
        self._buy(leads[:2])
        people = self._read(scenario)["people"]
        self.assertIsNone(people["rate"])
        self.assertIn("4 of the 20 people", people["few"])
        self.assertIsNone(people["days"], "a median of two is none")

    def test_nobody_yet(self):  # LN-40
        scenario = self._create_scenario(PARTED, start=False)
        results = self._read(scenario)
        self.assertEqual(results["people"]["entered"], 0)
        self.assertFalse(results["has_goal"])
        self.assertEqual((results["steps"], results["mails"], results["paths"]), ([], [], []))

    def test_steps_in_reading_order(self):  # LN-40
        leads = self._people(3)
        scenario = self._run(leads)
        self._buy(leads[0])
        self._advance(self._later(days=4))
        steps = {step["name"]: step for step in self._read(scenario)["steps"]}
        self.assertEqual(list(steps), ["letter", "click", "remind", "end"])
        self.assertEqual(steps["click"]["in"], 3)
        self.assertEqual(steps["click"]["goal"], 1)
        self.assertEqual(steps["remind"]["in"], 2)
        self.assertEqual(steps["end"]["passed"], 2)

    def test_paths_and_what_became_of_who_took_them(self):  # LN-32, LN-40
        leads = self._people(3)
        scenario = self._run(leads)
        self._age(self.env["nurture.waiter"].search([]), "since", days=9)
        send = self._sends_of(leads[0])
        self._record(self._person_of(leads[0]), "mail_click", days_ago=5, res_model="nurture.send",
                     res_id=send.id)  # fmt: skip
        self._advance(self._later(days=4))
        self._buy(leads[0])
        fork, = self._read(scenario)["paths"]
        exits = {exit["text"]: (exit["people"], exit["reached"]) for exit in fork["exits"]}
        self.assertEqual(fork["name"], "click")
        self.assertEqual(exits, {"Link clicked": (1, 1), "After 3 days": (2, 0)})
        self.assertEqual(self._enrolment_of(leads[0]).exit_reason, "finished")

    def test_mails_by_humans_and_machines(self):  # LN-3, LN-40
        leads = self._people(4)
        scenario = self._run(leads)
        sends = scenario.enrolment_ids.send_ids.sorted("id")
        traces = sends.trace_id
        sends._write_rows(state="sent", planned_at=self.now - timedelta(days=9),
                          sent_at=self.now - timedelta(days=9))  # fmt: skip
        traces[3].trace_status = "bounce"
        for send, kind, actor in (
            (sends[0], "mail_click", "human"),
            (sends[1], "mail_open", "human"),
            (sends[1], "mail_open", "machine"),
            (sends[2], "mail_open", "machine"),
            (sends[2], "mail_click", "suspect"),
        ):
            self._record(send.person_id, kind, days_ago=5, res_model="nurture.send",
                         res_id=send.id, actor=actor)  # fmt: skip
        self._record(sends[1].person_id, "unsubscribe", days_ago=3)
        letter, = self._read(scenario)["mails"]
        told = {key: letter[key] for key in ("sent", "delivered", "bounced", "opened", "clicked",
                                             "machine_open", "machine_click", "unsubscribed")}
        self.assertEqual(
            told,
            {"sent": 4, "delivered": 3, "bounced": 1, "opened": 2, "clicked": 1,
             "machine_open": 2, "machine_click": 1, "unsubscribed": 1},
        )  # fmt: skip
        clicked = self.env["nurture.send"].with_user(self.mira).search(
            [("scenario_id", "=", scenario.id), ("seen_ids.kind", "=", "click")]
        )
        self.assertEqual(clicked, sends[0], "the figure opens what it counts")

    def test_opting_out_is_counted_at_the_last_mail(self):  # LN-40
        leads = self._people(1)
        scenario = self._run(leads)
        self._advance(self._later(days=4))
        first, second = self._sends_of(leads)
        for send, days in ((first, 9), (second, 5)):
            send._write_rows(state="sent", planned_at=self.now - timedelta(days=days))
        self._record(leads.nurture_person_id, "unsubscribe", days_ago=2)
        mails = {mail["name"]: mail["unsubscribed"] for mail in self._read(scenario)["mails"]}
        self.assertEqual(mails, {"letter": 0, "remind": 1, "All mails": 1})

    def test_revenue_of_deals_of_these_people(self):  # LN-34
        leads = self._people(3)
        own, again, before = leads
        scenario = self._run(leads, goal_days=10, exit_on_won=False)
        second = self._create_lead("p0", "p0@pumps.test", type="opportunity")
        stranger = self._create_lead("Zoe", "zoe@else.test")
        for lead, revenue, days in (
            (own, 1000, 3), (second, 500, 2), (again, 70, 1), (before, 9, 30), (stranger, 8, 1),
        ):  # fmt: skip
            lead.expected_revenue = revenue
            lead.action_set_won()
            self._age(lead, "date_closed", days=days)
        self._enrolment_of(again)._set_exited("manual", self.now - timedelta(days=15))
        deals = self._read(scenario, self.adam)["deals"]
        self.assertEqual(deals, {"count": 2, "revenue": 1500}, "neither too early nor too late")
        scenario.goal_days = 20
        self.assertEqual(self._read(scenario, self.adam)["deals"]["revenue"], 1570)
        opened = scenario.with_user(self.adam).action_view_deals()
        self.assertEqual(
            self.env["crm.lead"].with_context(active_test=False).search(opened["domain"]),
            own | second | again,
        )

    def test_each_deal_counts_once(self):  # LN-34
        lead = self._people(1)
        scenario = self._run(lead, exit_on_won=False, reentry_policy="always")
        self._enrolment_of(lead)._set_exited("manual", self.now - timedelta(days=9))
        scenario._enrol_leads(lead, anew=True)
        self._age(scenario.enrolment_ids[0], "enrolled_at", days=8)
        lead.expected_revenue = 100
        lead.action_set_won()
        self.assertEqual(len(scenario.enrolment_ids), 2)
        self.assertEqual(
            self._read(scenario, self.adam)["deals"], {"count": 1, "revenue": 100}
        )

    def test_the_reader_sees_his_deals_only(self):  # multi-company, rights
        lead = self._people(1)
        scenario = self._run(lead, exit_on_won=False)
        lead.write({"expected_revenue": 100, "user_id": self.adam.id})
        lead.action_set_won()
        self.mira.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        own_only = self.env["crm.lead"].with_user(self.mira).search([("id", "=", lead.id)])
        deals = self._read(scenario)["deals"]
        self.assertEqual(deals["count"] if deals else 0, len(own_only))
        with self.assertRaises(AccessError, msg="another company's scenario"):
            self._read(scenario, self.finn)

    def test_versions_beside_each_other(self):  # LN-38
        leads = self._people(2)
        scenario = self._run(leads)
        self._buy(leads[0])
        scenario.action_edit_steps()
        scenario.draft_id._set_published()
        late = self._people(1, "late")
        self.assertEqual(self._let_in(scenario), 1)
        self._advance()
        results = self._read(scenario)
        self.assertEqual(
            [(v["number"], v["entered"], v["reached"]) for v in results["versions"]],
            [(1, 2, 1), (2, 1, 0)],
        )
        newest = self._read(scenario, version_id=scenario.version_id.id)
        self.assertEqual(newest["people"]["entered"], 1)
        self.assertEqual(newest["steps"][0]["in"], 1)
        self.assertEqual(results["steps"][0]["in"], 3)
        self.assertTrue(self._enrolment_of(late))

    def test_scenarios_beside_each_other(self):  # LN-34
        figures = {}
        for name, number in (("few", 3), ("many", 25)):
            leads = self._people(number, name)
            scenario = self._run(leads, trigger_domain=f"[('contact_name', 'like', '{name}')]")
            self._buy(leads[:2])
            self.env.invalidate_all()
            figures[name] = self.env["nurture.scenario.report"].with_user(self.mira)._read_group(
                [("scenario_id", "=", scenario.id)], [],
                ["entered:sum", "inside:sum", "reached:sum", "rate:avg", "value:sum"],
            )[0]  # fmt: skip
        self.assertEqual(figures["few"], (3, 1, 2, False, 100), "no rate of three people")
        self.assertEqual(figures["many"], (25, 23, 2, 8, 100))
        others = self.env["nurture.scenario.report"].with_user(self.finn)
        self.assertFalse(others.search_count([("company_id", "=", self.pumps.id)]))

    def test_budget_of_the_page(self):  # P
        counts = []
        for number in (3, 30):
            leads = self._people(number, f"n{number}.")
            scenario = self._run(
                leads, trigger_domain=f"[('email_normalized', 'like', 'n{number}.')]"
            )
            self._read(scenario)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            scenario.with_user(self.mira).read_results()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestPath(GoalCase):
    """The way that one person took."""

    def test_the_way_with_its_reasons(self):  # LN-40
        lead = self._create_lead()
        self._enter(lead, steps=PARTED)
        send = self._sends_of(lead)
        send._write_rows(state="sent", sent_at=self.now)
        self._age(self.env["nurture.waiter"].search([]), "since", days=1)
        self._record(self._person_of(lead), "mail_click", at=self.now - timedelta(hours=1),
                     res_model="nurture.send", res_id=send.id)  # fmt: skip
        journey = self._enrolment_of(lead).with_user(self.mira)
        letter, click = journey.path
        self.assertEqual((letter["name"], letter["uid"]), ("letter", send.node_uid))
        self.assertEqual(letter["mail"]["text"], "Sent")
        self.assertTrue(letter["mail"]["opened"] and letter["mail"]["clicked"])
        self.assertTrue(click["here"] and not letter["here"])
        self.assertEqual(click["until"], fields.Datetime.to_string(journey.run_at))
        self._advance()
        _letter, click, _end, over = self._enrolment_of(lead).path
        self.assertEqual((click["label"], click["exit"]), ("yes", "Link clicked"))
        self.assertEqual(click["why"], "because it happened")
        self.assertFalse(click["here"])
        self.assertEqual(over["name"], "Reached the end")
        self.assertTrue(over["end"])

    def test_why_somebody_stands_where_he_stands(self):  # LN-40
        lead = self._create_lead()
        scenario = self._enter(lead, steps=PARTED)
        journey = self._enrolment_of(lead)
        self.assertEqual(journey.waits_for, "click: Link clicked, at most 3 days")
        journey._set_parked("Mail server down")
        self.env.invalidate_all()
        self.assertIn("somebody must look at “click”", journey.waits_for)
        self.assertEqual(journey.path[-1]["error"], "Mail server down")
        scenario.action_close()
        self.env.invalidate_all()
        self.assertEqual(journey.waits_for, "The scenario was closed")

    def test_from_the_lead_to_all_journeys_of_the_person(self):  # LN-40
        lead = self._create_lead()
        self._enter(lead)
        second = self._create_lead("Ann again", "ann@pumps.test").with_user(self.mira)
        second.invalidate_recordset()
        self.assertEqual(second.sudo().nurture_enrolment_count, 1)
        found = self.env["nurture.enrolment"].search(
            second.sudo().action_view_nurture_enrolments()["domain"]
        )
        self.assertEqual(found, self._enrolment_of(lead))

    def test_budget_of_many_ways(self):  # P
        leads = self.env["crm.lead"]
        for number in range(20):
            leads |= self._create_lead(f"P{number}", f"p{number}@pumps.test", sync=False)
        self._sync()
        scenario = self._enter(leads, steps=PARTED)
        people, counts = scenario.enrolment_ids, []
        for ids in (people.ids[:2], people.ids):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            people.browse(ids).mapped("path")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestForecast(ScenarioCase):
    """How many people will pass each step, from what people did before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scenario = cls._create_scenario(cls._welcome_steps())
        cls.uid = {node.name: node.uid for node in cls.scenario.version_id.node_ids}
        cls.midday = cls.now.replace(hour=12, minute=0, second=0)

    def _forecast(self, user=None, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.scenario.with_user(user or self.mira).forecast(options)

    def _step(self, found, name):
        return next(step for step in found["steps"] if step["name"] == name)

    def _travel(self, days_ago, clicked_after=None, stands=False, number=1, **kw):
        """People who entered so many days ago, clicked after so many days or not at all (the step
        waits for 3 days), or still stand at the wait."""
        node = {node.name: node for node in self.scenario.version_id.node_ids}
        entered = self.midday - timedelta(days=days_ago)
        people = self.env["nurture.person"].create(
            [{"name": f"T{n}", "company_id": self.pumps.id} for n in range(number)]
        )
        came = self.env["nurture.enrolment"].create(
            [
                {
                    "scenario_id": self.scenario.id,
                    "version_id": self.scenario.version_id.id,
                    "company_id": self.pumps.id,
                    "person_id": person.id,
                    "node_id": node["click" if stands else "end"].id,
                    "state": "waiting" if stands else "done",
                    "visit": 2 if stands else 4,
                    "enrolled_at": entered,
                    "run_at": stands and entered + timedelta(days=3),
                    "ended_at": not stands and self.now,
                    **kw,
                }
                for person in people
            ]
        )
        left = entered + timedelta(days=3 if clicked_after is None else clicked_after)
        path = [("welcome", entered, entered, "next"), ("click", entered, left, "timeout")]
        if clicked_after is not None:
            path[1] = ("click", entered, left, "yes")
        path.append(("remind" if clicked_after is None else "sales", left, left, "next"))
        if stands:
            path[1:] = [("click", entered, None, None)]
        self.env["nurture.step.log"].create(
            [
                {
                    "enrolment_id": enrolment.id,
                    "scenario_id": self.scenario.id,
                    "company_id": self.pumps.id,
                    "node_id": node[name].id,
                    "node_uid": self.uid[name],
                    "visit": visit,
                    "arrived_at": arrived,
                    "left_at": left_at,
                    "label": label,
                }
                for enrolment in came
                for visit, (name, arrived, left_at, label) in enumerate(path, 1)
            ]
        )
        return came

    # ------------------------------------------------------------
    # Against known history
    # ------------------------------------------------------------

    def test_history_with_known_shares(self):  # LN-37
        """20 clicked (15 at once, 5 the next day) and 80 did not. With ten people's weight of the
        assumption (10 % click), 21 of 110 click: what follows is reckoned by hand."""
        self._travel(60, clicked_after=0, number=15)
        self._travel(60, clicked_after=1, number=5)
        self._travel(60, number=80)
        found = self._forecast(days=30, inflow=0, once=1_100)
        share = (20 + 10 * 0.1) / 110
        clicks = 1_100 * share
        self.assertEqual(self._step(found, "welcome")["arrive"][:2], [1_100, 0])
        sales, remind = self._step(found, "sales"), self._step(found, "remind")
        self.assertAlmostEqual(sales["arrive"][0], clicks * 0.75, places=1)
        self.assertAlmostEqual(sales["arrive"][1], clicks * 0.25, places=1)
        self.assertAlmostEqual(sum(sales["arrive"]), clicks, places=1)
        self.assertEqual(remind["arrive"][:3], [0, 0, 0])
        self.assertAlmostEqual(remind["arrive"][3], 1_100 - clicks, places=1)
        self.assertAlmostEqual(sum(found["ended"]), 1_100, places=0)
        click = self._step(found, "click")
        self.assertEqual(click["people"], 100)
        self.assertTrue(click["known"])
        self.assertEqual(click["exits"][0]["share"], round(100 * share, 1))
        self.assertIn("From 100 people", found["rests_on"])

    def test_who_came_lately_does_not_bias_the_shares(self):  # LN-37
        """Of those who entered yesterday only the quick ones have left: they do not count yet."""
        self._travel(60, clicked_after=0, number=10)
        self._travel(60, number=90)
        self._travel(1, clicked_after=0, number=50)
        found = self._forecast(days=30, inflow=0, once=100)
        self.assertEqual(self._step(found, "click")["people"], 100)
        self.assertEqual(self._step(found, "click")["exits"][0]["share"], 10.0)

    def test_people_inside_go_on_when_they_are_due(self):  # LN-37
        self._travel(60, number=100)
        self._travel(1, stands=True, number=10)
        self._travel(2, stands=True, number=5)
        found = self._forecast(days=30, inflow=0)
        click, remind = self._step(found, "click"), self._step(found, "remind")
        self.assertEqual(click["now"], 15)
        self.assertGreater(remind["arrive"][1], 4)
        self.assertGreater(remind["arrive"][2], 9)
        self.assertAlmostEqual(
            sum(remind["arrive"]) + sum(self._step(found, "sales")["arrive"]), 15, places=1
        )
        self.assertAlmostEqual(sum(found["ended"]), 15, places=1)

    def test_parked_people_do_not_move(self):
        self._travel(9, stands=True, number=2, state="parked")
        found = self._forecast(days=30, inflow=0)
        self.assertEqual(sum(found["ended"]), 0)
        self.assertIn("2", found["warnings"][0])

    # ------------------------------------------------------------
    # Too little history
    # ------------------------------------------------------------

    def test_too_little_history_is_said_and_assumed(self):  # LN-37
        self._travel(60, clicked_after=0, number=9)
        found = self._forecast(days=30, inflow=0, once=100)
        click = self._step(found, "click")
        self.assertFalse(click["known"])
        self.assertEqual([exit["share"] for exit in click["exits"]], [10.0, 90.0])
        self.assertIn("assumptions", found["rests_on"])

    def test_nobody_yet(self):
        found = self._forecast(days=90)
        self.assertIn("all of this rests on assumptions", found["rests_on"])
        self.assertEqual(len(found["days"]), 90)

    def test_an_assumption_of_the_marketer(self):  # LN-37
        self.scenario.with_user(self.adam).set_forecast_share(self.uid["click"], "yes", 40)
        found = self._forecast(days=30, inflow=0, once=100)
        self.assertAlmostEqual(sum(self._step(found, "sales")["arrive"]), 40, places=1)
        exits = self._step(found, "click")["exits"]
        self.assertEqual([exit["supposed"] for exit in exits], [40.0, 60.0])
        self.scenario.with_user(self.adam).set_forecast_share(self.uid["click"], "yes", False)
        found = self._forecast(days=30, inflow=0, once=100)
        self.assertEqual(self._step(found, "click")["exits"][0]["supposed"], 10.0)

    def test_inflow_is_as_lately(self):  # LN-37
        for day in range(28):
            self._travel(day, clicked_after=0, number=2)
        found = self._forecast(days=30)
        self.assertEqual(found["inflow"]["per_day"], 2)
        self.assertEqual(set(found["entered"]), {2.0})
        self.assertEqual(self._forecast(days=30, inflow=7)["entered"][:2], [7, 7])

    def test_inflow_of_a_draft_is_the_leads_that_match(self):
        for number in range(14):
            self._create_lead(f"P{number}", f"p{number}@draft.test")
        self.scenario = self._create_scenario(
            self._welcome_steps(), start=False,
            trigger_domain="[('email_normalized', 'like', 'draft.test')]",
        )  # fmt: skip
        found = self._forecast(days=30)
        self.assertEqual(found["inflow"]["source"], "leads")
        self.assertEqual(found["inflow"]["per_day"], 0.5)
        self.assertTrue(found["draft"])
        self.assertEqual(self.scenario.with_user(self.mira).forecast_audience(), 14)

    def test_a_wait_of_whole_days_is_exact(self):
        self.scenario = self._create_scenario(
            {
                "first": ("mail", {}, {"next": "wait"}),
                "wait": ("wait", {"delay_count": 2, "delay_unit": "weeks"}, {"next": "second"}),
                "second": ("mail", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            },
            start=False,
        )
        found = self._forecast(days=30, inflow=0, once=10)
        second = self._step(found, "second")["arrive"]
        self.assertEqual([day for day, people in enumerate(second) if people], [14])
        self.assertEqual(second[14], 10)
        self.assertEqual(self._step(found, "second")["weeks"][:4], [0, 0, 10, 0])

    def test_a_wait_for_a_day_of_the_week(self):  # LN-31, LN-37
        tuesday = self.env.ref("lead_nurture.nurture_weekday_1")
        vals = {
            "wait_mode": "window", "skip_holidays": False, "hour_from": 9, "hour_to": 10,
            "weekday_ids": [Command.set(tuesday.ids)],
        }  # fmt: skip
        self.scenario = self._create_scenario(
            {"wait": ("wait", vals, {"next": "end"}), "end": ("exit", {}, {})}, start=False
        )
        found = self._forecast(days=30, inflow=1)
        ended = [day for day, people in zip(found["days"], found["ended"], strict=True) if people]
        self.assertTrue(ended)
        self.assertEqual({fields.Date.to_date(day).weekday() for day in ended}, {1}, "Tuesdays")

    def test_a_split_is_as_it_is_set(self):  # LN-32, LN-37
        """No assumption is needed: the percentages say it."""
        self.scenario = self._create_scenario({}, start=False)
        version = self.scenario.draft_id
        toss, end = self.env["nurture.node"].create(
            [
                {"version_id": version.id, "name": "toss", "kind": "split", "sequence": 0},
                {"version_id": version.id, "name": "end", "kind": "exit", "sequence": 9},
            ]
        )
        paths = toss.case_ids.sorted("sequence")
        for path, percent in zip(paths, (80, 20), strict=True):
            path.write({"percent": percent, "to_id": end.id})
        step = self._step(self._forecast(days=30, inflow=0, once=10), "toss")
        self.assertEqual([exit["share"] for exit in step["exits"]], [80.0, 20.0])
        self.assertTrue(step["fixed"] and step["known"])

    def test_more_mails_than_the_server_takes(self):  # LN-35, LN-37
        self.pumps.nurture_mail_rate = 10
        found = self._forecast(days=30, inflow=0, once=240)
        self.assertFalse(found["warnings"])
        found = self._forecast(days=30, inflow=0, once=300)
        self.assertEqual(len(found["warnings"]), 1)
        self.assertIn("300", found["warnings"][0])
        self.assertIn("240", found["warnings"][0])

    # ------------------------------------------------------------
    # Who may, and what is refused
    # ------------------------------------------------------------

    def test_rights(self):
        for user in (self.sven, self.finn):
            with self.assertRaises(AccessError):
                self._forecast(user=user)
        with self.assertRaises(AccessError):
            self.scenario.with_user(self.mira).set_forecast_share(self.uid["click"], "yes", 40)
        assumption = self.env["nurture.forecast.assumption"].create(
            {"scenario_id": self.scenario.id, "node_uid": "x", "label": "yes", "share": 1}
        )
        self.assertFalse(
            self.env["nurture.forecast.assumption"].with_user(self.finn).search(
                [("id", "=", assumption.id)]
            )
        )

    def test_bad_input_is_refused(self):
        for options in ({"inflow": -1}, {"inflow": "many"}, {"once": 1e9}):
            with self.assertRaises(ValidationError, msg=str(options)):
                self._forecast(**options)
        admin = self.scenario.with_user(self.adam)
        for percent in (-1, 101, "x"):
            with self.assertRaises(ValidationError, msg=str(percent)):
                admin.set_forecast_share(self.uid["click"], "yes", percent)
        with self.assertRaises(UserError):
            admin.set_forecast_share(self.uid["click"], "sideways", 10)

    def test_reads_no_row_one_by_one(self):
        self._travel(20, clicked_after=0, number=5)
        self._forecast(days=30)
        self.env.flush_all()

        def queries():
            before = self.env.cr.sql_log_count
            self._forecast(days=30)
            return self.env.cr.sql_log_count - before

        few = queries()
        self._travel(20, clicked_after=0, number=50)
        self._travel(1, stands=True, number=50)
        self.assertLessEqual(queries(), few + 2)

    def test_the_forecast_opens_from_the_scenario(self):
        action = self.scenario.with_user(self.mira).action_forecast()
        self.assertEqual(action["tag"], "nurture_forecast")
        self.assertEqual(action["context"]["active_id"], self.scenario.id)
        self.assertEqual(self.scenario.action_simulate()["tag"], "nurture_simulator")
        self.assertEqual(fields.Date.today().isoformat(), self._forecast()["days"][0])

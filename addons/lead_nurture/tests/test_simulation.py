from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from psycopg2 import errors

from .common_simulation import START, SimulationCase

# everything that a lane, a mail or a handover could leave behind
TABLES = [
    "nurture_%", "mail_%", "mailing_%", "crm_%", "res_partner", "ir_cron_trigger", "bus_bus",
    "link_tracker%", "ir_attachment", "calendar_%", "utm_%",
]  # fmt: skip


@tagged("post_install", "-at_install")
class TestSimulation(SimulationCase):
    """A marketer tries a scenario before anybody gets a mail."""

    def _steps(self, story):
        return [(line["name"], line["exit"]) for line in story["people"][0]["lines"]]

    def _table_counts(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE ANY(%s)", [TABLES]
        )
        counts = {}
        for (table,) in self.env.cr.fetchall():
            self.env.cr.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608 - a table's name
            counts[table] = self.env.cr.fetchone()[0]
        return counts

    # ------------------------------------------------------------
    # What it tells
    # ------------------------------------------------------------

    def test_who_clicks_is_handed_over(self):  # LN-36
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, lead_id=lead.id, usual=self._answers(hours=26))
        self.assertEqual(
            self._steps(story),
            [("welcome", ""), ("click", "Link clicked"), ("sales", ""), ("end", "")],
        )
        welcome, click, sales, end = story["people"][0]["lines"]
        self.assertTrue(welcome["sent"])
        self.assertIn("ann@pumps.test", welcome["why"])
        self.assertEqual(welcome["left"]["utc"], START)
        self.assertEqual(click["left"]["utc"], "2026-03-17 11:01:00")
        self.assertEqual(sales["arrived"]["utc"], "2026-03-17 11:01:00")
        self.assertIn("trial does not do it", sales["why"])
        self.assertEqual(end["left"]["utc"], "2026-03-17 11:01:00")
        self.assertEqual(story["people"][0]["end"]["kind"], "done")
        self.assertEqual(lead.type, "lead", "nothing was done")

    def test_who_does_nothing_is_reminded(self):  # LN-36
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, lead_id=lead.id, usual={"what": "open"})
        self.assertEqual(
            [name for name, _exit in self._steps(story)], ["welcome", "click", "remind", "end"]
        )
        mails = [line["left"]["utc"] for line in story["people"][0]["lines"] if line["sent"]]
        self.assertEqual(mails, [START, "2026-03-19 09:00:00"])

    def test_another_answer_at_one_step(self):
        lead = self._create_lead()
        steps = self._welcome_steps()
        steps["remind"] = ("mail", {}, {"next": "second"})
        steps["second"] = ("wait_event", {"delay_count": 2}, {"yes": "sales", "timeout": "end"})
        scenario = self._create_scenario(steps, start=False)
        remind = scenario.draft_id.node_ids.filtered(lambda n: n.name == "remind")
        answers = {remind.uid: self._answers(hours=1)}
        story = self._simulate(scenario, lead_id=lead.id, answers=answers)
        self.assertEqual(
            [name for name, _exit in self._steps(story)],
            ["welcome", "click", "remind", "second", "sales", "end"],
        )

    def test_an_event_that_is_no_answer_to_a_mail(self):  # LN-31, LN-32, LN-36
        lead = self._create_lead()
        scenario = self._create_scenario(
            {
                "buys": (
                    "wait_event", {"event_kind": "purchase"}, {"yes": "met", "timeout": "met"},
                ),
                "met": ("branch", {"event_kind": "meeting"}, {"yes": "yes", "no": "no"}),
                "yes": ("exit", {}, {}),
                "no": ("exit", {}, {}),
            },
            start=False,
        )
        uid = {node.name: node.uid for node in scenario.draft_id.node_ids}
        story = self._simulate(scenario, lead_id=lead.id)
        self.assertEqual([name for name, _exit in self._steps(story)], ["buys", "met", "no"])
        happens = {"what": "happens", "hours": 3}
        story = self._simulate(
            scenario, lead_id=lead.id,
            answers={uid["buys"]: happens, uid["met"]: {"what": "happens", "hours": 0}},
        )  # fmt: skip
        self.assertEqual(
            self._steps(story), [("buys", "Purchase"), ("met", "Yes"), ("yes", "")]
        )
        self.assertEqual(
            story["people"][0]["lines"][0]["left"]["utc"], "2026-03-16 12:00:00"
        )

    def test_a_decision_says_why(self):  # LN-36
        lead = self._create_lead(city="Hue")
        scenario = self._create_scenario(
            {
                "city": (
                    "branch",
                    {"condition": "domain", "domain": "[('city', '=', 'Hue')]"},
                    {"yes": "score", "no": "end"},
                ),
                "score": ("branch", {"condition": "band"}, {"yes": "end", "no": "click"}),
                "click": ("branch", {"condition": "event"}, {"yes": "end", "no": "end"}),
                "end": ("exit", {}, {}),
            },
            start=False,
        )
        city, score, click, _end = self._simulate(scenario, lead_id=lead.id)["people"][0]["lines"]
        self.assertEqual((city["exit"], score["exit"], click["exit"]), ("Yes", "No", "No"))
        self.assertIn("Hue", city["why"])
        self.assertIn("score is 0", score["why"])
        self.assertIn("has not happened", click["why"])
        self.assertEqual(
            (city["today"], score["today"], click["today"]), (True, True, False),
            "it says what is judged by the data of today",
        )  # fmt: skip

    def test_the_recipients_own_clock(self):
        lead = self._create_lead()
        self._person_of(lead).tz = "Asia/Tokyo"
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, lead_id=lead.id)
        self.assertEqual(story["people"][0]["tz"], "Asia/Tokyo")
        self.assertEqual(
            story["people"][0]["lines"][0]["left"]["local"], "2026-03-16 18:00:00"
        )

    def test_a_sample_adds_up(self):
        for number in range(6):
            self._create_lead(f"P{number}", f"p{number}@pumps.test")
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, sample=5, usual={"what": "history"}, seed=3)
        self.assertEqual(len(story["people"]), 5)
        arrived = {step["name"]: step["arrived"] for step in story["steps"]}
        self.assertEqual(arrived["welcome"], 5)
        self.assertEqual(arrived["sales"] + arrived["remind"], 5)
        self.assertEqual(arrived["end"], 5)
        self.assertTrue(story["notes"], "it says what the draw rests on")
        again = self._simulate(scenario, sample=5, usual={"what": "history"}, seed=3)
        self.assertEqual(
            [person["end"] for person in again["people"]],
            [person["end"] for person in story["people"]],
            "the same draw",
        )

    def test_every_preset_can_be_tried_as_it_comes(self):  # LN-36, LN-42
        lead = self._create_lead()
        presets = self.env["nurture.preset"]
        for key in presets._presets():
            scenario = presets._create_scenario(key, user_id=self.mira.id)
            for what in ("none", "click"):
                story = self._simulate(scenario, lead_id=lead.id, usual=self._answers(what))
                end = story["people"][0]["end"]
                self.assertIn(end["kind"], ("done", "left"), f"{key}, {what}: {end['text']}")

    def test_the_draft_or_what_people_travel(self):  # LN-36, LN-38
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps())
        scenario.action_edit_steps()
        welcome = scenario.draft_id.node_ids.filtered(lambda n: n.name == "welcome")
        end = scenario.draft_id.node_ids.filtered(lambda n: n.name == "end")
        welcome._set_exit_to("next", end)
        draft = self._simulate(scenario, lead_id=lead.id)
        self.assertTrue(draft["draft"])
        self.assertEqual([name for name, _exit in self._steps(draft)], ["welcome", "end"])
        published = self._simulate(scenario, lead_id=lead.id, published=True)
        self.assertFalse(published["draft"])
        self.assertEqual(len(self._steps(published)), 4)

    def test_says_that_a_lead_would_not_enter(self):
        lead = self._create_lead("Bob", "bob@elsewhere.test")
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, lead_id=lead.id)
        self.assertIn("conditions of entering", story["notes"][0])
        self.assertEqual(story["people"][0]["end"]["kind"], "done", "told all the same")

    def test_a_lead_without_an_address_goes_on(self):
        lead = self._create_lead("Cora", False, phone="+84 90 123 45 67")
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, lead_id=lead.id)
        first = story["people"][0]["lines"][0]
        self.assertFalse(first["sent"])
        self.assertIn("No mail", first["why"])

    def test_nobody_known(self):
        lead = self._create_lead("Dora", False)
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        story = self._simulate(scenario, lead_id=lead.id)
        self.assertFalse(story["people"])
        self.assertEqual(story["nobody"][0]["id"], lead.id)

    # ------------------------------------------------------------
    # Trouble
    # ------------------------------------------------------------

    def test_a_loop_is_cut_with_a_sentence(self):  # LN-36
        lead = self._create_lead()
        scenario = self._create_scenario(
            {
                "mail": ("mail", {}, {"next": "wait"}),
                "wait": ("wait", {"delay_count": 1}, {"next": "mail"}),
            },
            start=False,
        )
        story = self._simulate(scenario, lead_id=lead.id)
        person = story["people"][0]
        self.assertEqual(person["end"]["kind"], "cut")
        self.assertIn("round and round", person["end"]["text"])
        self.assertGreater(len(person["lines"]), 90)

    def test_a_restless_loop_of_a_draft_is_cut_too(self):
        lead = self._create_lead()
        scenario = self._create_scenario(
            {
                "a": ("branch", {"condition": "domain"}, {"yes": "b", "no": "b"}),
                "b": ("branch", {"condition": "domain"}, {"yes": "a", "no": "a"}),
            },
            start=False,
        )
        story = self._simulate(scenario, lead_id=lead.id)
        self.assertEqual(story["people"][0]["end"]["kind"], "cut")

    def test_an_error_stands_at_its_step(self):  # LN-36
        lead = self._create_lead()
        scenario = self._create_scenario(
            {"mail": ("mail", {}, {"next": "ask"}), "ask": ("branch", {}, {})}, start=False
        )
        story = self._simulate(scenario, lead_id=lead.id)
        mail, ask = story["people"][0]["lines"]
        self.assertTrue(mail["sent"])
        self.assertTrue(ask["failed"])
        self.assertIn("leads nowhere", ask["why"])
        self.assertEqual(story["people"][0]["end"]["kind"], "failed")

    def test_a_wait_longer_than_two_years_stops_the_clock(self):
        lead = self._create_lead()
        scenario = self._create_scenario(
            {
                "wait": ("wait", {"delay_count": 200, "delay_unit": "weeks"}, {"next": "end"}),
                "end": ("exit", {}, {}),
            },
            start=False,
        )
        story = self._simulate(scenario, lead_id=lead.id)
        self.assertEqual(story["people"][0]["end"]["kind"], "cut")
        self.assertTrue(story["people"][0]["lines"][0]["until"])

    def test_bad_options_are_refused(self):
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        lead = self._create_lead()
        for options in (
            {},
            {"lead_id": lead.id, "start": "soon"},
            {"lead_id": lead.id, "usual": {"what": "dance"}},
            {"lead_id": lead.id, "usual": {"what": "click", "hours": -1}},
            {"lead_id": lead.id, "usual": {"what": "click", "hours": "x"}},
        ):
            with self.assertRaises(ValidationError, msg=str(options)):
                self._simulate(scenario, **options)
        with self.assertRaises(UserError):
            self._simulate(self._create_scenario({}, start=False), lead_id=lead.id)

    def test_people_in_the_hands_of_a_lane(self):  # LN-36
        """Who is being moved just now is asked for again, then a sentence says it."""
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        tries = []

        def locked(simulation, *arguments):
            tries.append(1)
            raise errors.LockNotAvailable()

        self.patch(type(self.env["nurture.simulation"]), "_run_here", locked)
        with self.assertRaisesRegex(UserError, "being moved"):
            self._simulate(scenario, lead_id=lead.id)
        self.assertGreater(len(tries), 1)

    # ------------------------------------------------------------
    # Nothing stays
    # ------------------------------------------------------------

    def test_leaves_no_row_behind(self):  # LN-36
        lead = self._create_lead()
        self._create_lead("Bob", "bob@pumps.test")
        steps = self._welcome_steps()
        steps["sales"] = ("handover", {"team_id": self.team.id}, {"next": "call"})
        steps["call"] = (
            "activity",
            {"activity_type_id": self.env.ref("mail.mail_activity_data_call").id},
            {"next": "tell"},
        )
        steps["tell"] = ("alert", {}, {"next": "end"})
        scenario = self._create_scenario(steps)
        self._let_in(scenario)
        self._advance()
        stands = self._enrolment_of(lead).read()
        before, hooks = self._table_counts(), len(self.env.cr.postcommit._funcs)
        story = self._simulate(scenario, lead_id=lead.id, usual=self._answers())
        self._simulate(scenario, sample=10, usual=self._answers())
        self.env.invalidate_all()
        self.assertEqual(story["people"][0]["end"]["kind"], "done")
        self.assertEqual(len(story["people"][0]["lines"]), 6)
        self.assertEqual(self._table_counts(), before)
        self.assertEqual(self._enrolment_of(lead).read(), stands, "the real journey is as it was")
        self.assertEqual(len(self.env.cr.postcommit._funcs), hooks, "nothing is told outside later")

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def test_obeys_the_rights_of_the_reader(self):
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        with self.assertRaises(AccessError):
            self._simulate(scenario, user=self.sven, lead_id=lead.id)
        with self.assertRaises(AccessError):
            self._simulate(scenario, user=self.finn, lead_id=lead.id)
        other = self._create_lead("Fay", "fay@filters.test", company_id=self.filters.id)
        with self.assertRaises(AccessError):
            self._simulate(scenario, lead_id=other.id)

    def test_shows_the_mail_as_the_lead_would_read_it(self):
        lead = self._create_lead()
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        node = scenario.draft_id.node_ids.filtered(lambda n: n.name == "welcome")
        before = self._table_counts()
        with self.enter_registry_test_mode():
            mail = scenario.with_user(self.mira).simulated_mail(node.id, lead.id)
        self.assertEqual(mail["subject"], "About welcome")
        self.assertIn("Hello Ann", mail["body"])
        self.assertEqual(self._table_counts(), before)
        with self.enter_registry_test_mode(), self.assertRaises(AccessError):
            scenario.with_user(self.sven).simulated_mail(node.id, lead.id)

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_scenario import ScenarioCase

BIG = "[('expected_revenue', '>=', 10000)]"
SWISS = "[('city', '=', 'Bern')]"


@tagged("post_install", "-at_install")
class TestBranches(ScenarioCase):
    """Where people go when a step asks something."""

    def _sort(self, cases=(("big", BIG), ("swiss", SWISS)), **kw):
        """A switch whose cases lead to waits of the same name, otherwise to the wait “rest”."""
        steps = {"sort": ("switch", {"case_ids": self._cases(cases)}, {"else": "rest"})}
        for name in (*(name for name, _domain in cases), "rest"):
            steps[name] = ("wait", {}, {"next": "end"})
        scenario = self._create_scenario({**steps, "end": ("exit", {}, {})}, start=False, **kw)
        self._link_cases(scenario)
        return scenario

    def _cases(self, cases):
        return [
            Command.create({"name": name, "domain": domain, "sequence": place})
            for place, (name, domain) in enumerate(cases)
        ]

    def _link_cases(self, scenario):
        steps = {node.name: node for node in scenario.draft_id.node_ids}
        for case in scenario.draft_id.node_ids.case_ids:
            case.to_id = steps[case.name]

    def _start(self, scenario):
        scenario.action_start()
        scenario.enrol_since = self.now - timedelta(hours=1)
        self._let_in(scenario)
        self._advance()

    # ------------------------------------------------------------
    # SWITCH
    # ------------------------------------------------------------

    def test_the_first_case_that_is_true_decides(self):  # LN-32
        both = self._create_lead("Ann", "ann@pumps.test", expected_revenue=20_000, city="Bern")
        swiss = self._create_lead("Bob", "bob@pumps.test", city="Bern")
        rest = self._create_lead("Cid", "cid@pumps.test", city="Hanoi")
        scenario = self._sort()
        self._start(scenario)
        self.assertStands(both, "big", "waiting")
        self.assertStands(swiss, "swiss", "waiting")
        self.assertStands(rest, "rest", "waiting")
        log = self._enrolment_of(swiss).log_ids.sorted("visit")[0]
        self.assertEqual((log.exit_text, log.result), ("swiss", "swiss"))
        self.assertEqual(self._enrolment_of(rest).log_ids.sorted("visit")[0].exit_text, "Otherwise")

    def test_a_switch_asks_once_for_all_cases_and_people(self):  # P-3
        scenario = self._sort((*(("big", BIG), ("swiss", SWISS)), ("mail", "[('phone','=','1')]")))
        scenario.action_start()
        node = scenario.version_id.node_ids.filtered(lambda n: n.kind == "switch")
        counts = []
        for number in (10, 100):
            leads = self.env["crm.lead"].create(
                [{"name": str(i), "email_from": f"{number}.{i}@pumps.test"} for i in range(number)]
            )
            self._sync()
            people = scenario._enrol_leads(leads)
            self.assertEqual(len(people), number)
            node._run_node_switch(people, self.now)  # warm
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            node._run_node_switch(people, self.now)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], "as many queries for a hundred as for ten")
        self.assertLessEqual(counts[1], 16)

    def test_a_switch_without_a_way_out_is_not_published(self):  # LN-41
        scenario = self._sort()
        sort = scenario.draft_id.node_ids.filtered(lambda n: n.kind == "switch")
        sort.case_ids[0].to_id = False
        with self.assertRaisesRegex(UserError, "“sort” does not say where “big” leads"):
            scenario.action_start()
        sort.case_ids[0].unlink()
        with self.assertRaisesRegex(UserError, "No path leads to “big”"):
            scenario.action_start()
        sort.case_ids.domain = "[]"
        with self.assertRaisesRegex(UserError, "everybody would go there"):
            scenario.action_start()

    def test_a_case_leaves_with_its_arrow_and_keeps_its_key_in_a_copy(self):  # LN-38
        scenario = self._sort()
        self._start(scenario)
        published = scenario.version_id.node_ids.case_ids
        with self.assertRaises(UserError):
            published[0].name = "other"
        scenario.action_edit_steps()
        drafted = scenario.draft_id.node_ids.case_ids
        self.assertEqual(drafted.mapped("key"), published.mapped("key"))
        self.assertEqual(drafted.mapped("to_id.name"), ["big", "swiss"])
        arrows = len(drafted.node_id.edge_ids)
        drafted[0].unlink()
        self.assertEqual(len(scenario.draft_id.node_ids.case_ids.node_id.edge_ids), arrows - 1)

    def test_conditions_of_a_case_are_checked_when_typed(self):  # RELIABILITY 3
        scenario = self._sort()
        case = scenario.draft_id.node_ids.case_ids[0]
        for wrong in ("[('no_such', '=', 1)]", "oops", "[('create_date', '>', 'xyz')]"):
            with self.assertRaisesRegex(ValidationError, "big: The conditions on leads"):
                case.domain = wrong
        case.domain = "[('nurture_score', '>=', 20)]"

    def test_the_rights_of_the_owner_decide_what_a_condition_sees(self):  # LN-32
        other = self.env["crm.team"].create({"name": "Hidden", "company_id": self.filters.id})
        self.env.user.company_ids |= self.filters
        lead = self._create_lead(company_id=False)
        scenario = self._sort((("there", f"[('id', '=', {lead.id})]"),))
        self._start(scenario)
        self.assertStands(lead, "there")
        node = scenario.version_id.node_ids.filtered(lambda n: n.kind == "switch")
        people = self._enrolment_of(lead)
        lead.write({"company_id": self.filters.id, "team_id": other.id})
        self.env.flush_all()
        [outcome] = node._run_node_switch(people, self.now).values()
        self.assertEqual(outcome.label, "else", "a lead that the owner cannot see meets nothing")

    # ------------------------------------------------------------
    # SCORE
    # ------------------------------------------------------------

    def _ask_score(self, **vals):
        return self._create_scenario(
            {
                "ask": ("branch", vals, {"yes": "good", "no": "bad"}),
                "good": ("wait", {}, {"next": "end"}),
                "bad": ("wait", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            }
        )

    def test_a_branch_on_points_counts_what_has_just_happened(self):  # LN-32
        eager, idle = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        model = self._create_model([{"event_kind": "meeting", "points": 40}])
        self._drain()
        scenario = self._ask_score(
            condition="score", score_least=40, score_model_id=model.id
        )
        self._let_in(scenario)
        self._record(self._person_of(eager), "meeting")
        self._advance()
        self.assertStands(eager, "good")
        self.assertStands(idle, "bad")

    def test_a_branch_on_the_grade(self):  # LN-32
        boss = self._create_lead("Boss", "boss@pumps.test", function="CEO")
        clerk = self._create_lead("Clerk", "clerk@pumps.test", function="Clerk")
        self._create_model(
            fit=[{"domain": "[('function', '=', 'CEO')]", "points": 90}],
            grade_a_at=80, grade_b_at=50, grade_c_at=20,
        )  # fmt: skip
        self._drain()
        self._let_in(self._ask_score(condition="grade", grade_least="B"))
        self._advance()
        self.assertStands(boss, "good")
        self.assertStands(clerk, "bad")

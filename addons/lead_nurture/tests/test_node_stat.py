from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestNodeStat(ScenarioCase):
    """The numbers at the steps are right at any moment, whoever wrote what they count."""

    def _uid(self, scenario, name):
        return scenario.version_id.node_ids.filtered(lambda n: n.name == name).uid

    def _numbers(self, scenario, name, version=None):
        self.env.flush_all()
        numbers = self.env["nurture.node.stat"]._numbers(scenario, version)
        return numbers.get(self._uid(scenario, name), {})

    def _sums(self, scenario):
        """What is kept and what is news, added up by the database."""
        stat = self.env["nurture.node.stat"]
        return sorted(self.env.execute_query(stat._query_sums(scenario, None)))

    def assertCountsAgain(self, scenario):
        self.env.flush_all()
        stat = self.env["nurture.node.stat"]
        again = self.env.execute_query(
            SQL(
                "SELECT uid, metric, SUM(value) FROM (%s) x GROUP BY uid, metric",
                stat._query_count_again(scenario),
            )
        )
        self.assertEqual(self._sums(scenario), sorted(again))

    def _three_people(self):
        """Ann clicks, Bob waits in vain, Cleo unsubscribes, all behind a first mail."""
        leads = [
            self._create_lead(name, f"{name.lower()}@pumps.test") for name in ("Ann", "Bob", "Cleo")
        ]
        scenario = self._create_scenario(self._welcome_steps())
        self._let_in(scenario)
        self._advance()
        return scenario, leads

    def test_numbers_of_a_journey(self):  # LN-40
        scenario, (ann, _bob, cleo) = self._three_people()
        welcome = self._numbers(scenario, "welcome")
        self.assertEqual((welcome["in"], welcome["passed"], welcome["mail"]), (3, 3, 3))
        self.assertEqual(self._numbers(scenario, "click")["waiting"], 3)
        self._deliver()
        self._settle()
        self._age_mails()
        self._click(self._sends_of(ann))
        self._ingest()
        self.env["mail.blacklist"]._add("cleo@pumps.test")
        self._advance()
        self._advance(self._later(days=3, minutes=1))
        self.assertLeft(cleo, "opted_out")
        click = self._numbers(scenario, "click")
        self.assertEqual(click["exits"], {"yes": 1, "timeout": 1, "end": 1})
        told = (click["in"], click["waiting"], click["passed"], click["left"])
        self.assertEqual(told, (3, 0, 2, 1))
        welcome = self._numbers(scenario, "welcome")
        self.assertEqual((welcome["open"], welcome["click"]), (1, 1), "who clicked has opened")
        self.assertEqual(self._numbers(scenario, "end")["passed"], 2, "finished here")
        self.assertCountsAgain(scenario)

    def test_folding_changes_no_number(self):  # LN-40
        scenario, _leads = self._three_people()
        before = self._sums(scenario)
        stat, delta = self.env["nurture.node.stat"], self.env["nurture.node.delta"]
        self.assertTrue(delta.search_count([("scenario_id", "=", scenario.id)]))
        while stat._fold_batch(2):
            pass
        self.assertFalse(delta.search_count([("scenario_id", "=", scenario.id)]))
        self.assertEqual(self._sums(scenario), before)
        self._advance(self._later(days=3, minutes=1))
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_fold_numbers").method_direct_trigger()
        self.assertCountsAgain(scenario)

    def test_wrong_numbers_are_repaired_from_the_log(self):  # LN-40
        scenario, _leads = self._three_people()
        right = self._sums(scenario)
        self.env["nurture.node.stat"]._fold_batch()
        self.env.cr.execute("UPDATE nurture_node_stat SET value = value + 7")
        self.env.invalidate_all()
        self.assertNotEqual(self._sums(scenario), right)
        self.env["nurture.node.stat"]._recount(scenario)
        self.assertEqual(self._sums(scenario), right)

    def test_a_click_that_was_a_machine_is_taken_back(self):  # LN-40
        scenario, (ann, _bob, _cleo) = self._three_people()
        self._deliver()
        self._settle()
        self._age_mails()
        self._click(self._sends_of(ann))
        self._ingest()
        self.assertEqual(self._numbers(scenario, "welcome")["click"], 1)
        events = self.env["nurture.event"].search(
            [("person_id", "=", self._person_of(ann).id), ("kind", "=", "mail_click")]
        )
        events.with_user(self.adam).action_class_machine()
        welcome = self._numbers(scenario, "welcome")
        self.assertEqual((welcome["open"], welcome["click"]), (0, 0))
        self.assertCountsAgain(scenario)

    @mute_logger("odoo.addons.lead_nurture.models.nurture_enrolment_lane", "odoo.sql_db")
    def test_a_step_that_fails_counts_as_error_and_nothing_else(self):  # LN-40, LN-43
        lead = self._create_lead()
        scenario = self._create_scenario(
            {"wait": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})}
        )
        self._let_in(scenario)
        with patch.object(
            type(self.env["nurture.node"]), "_run_node_wait", side_effect=ValueError("broken")
        ):
            self._advance()
        wait = self._numbers(scenario, "wait")
        self.assertEqual((wait["error"], wait["waiting"], wait["in"]), (1, 1, 0))
        self.assertCountsAgain(scenario)
        self._enrolment_of(lead).with_user(self.mira).action_take_out()
        wait = self._numbers(scenario, "wait")
        self.assertEqual((wait["error"], wait["waiting"], wait["left"]), (0, 0, 1))
        self.assertCountsAgain(scenario)

    def test_taken_out_by_hand_is_written_into_the_log(self):  # LN-40
        scenario, (ann, _bob, _cleo) = self._three_people()
        self._enrolment_of(ann).with_user(self.mira).action_take_out()
        self.assertEqual(self._enrolment_of(ann).log_ids[0].result, "manual")
        self.assertEqual(self._numbers(scenario, "click")["exits"], {"end": 1})
        self.assertCountsAgain(scenario)

    def test_readers_see_their_company_only(self):  # LN-40
        scenario, _leads = self._three_people()
        stat = self.env["nurture.node.stat"]
        self.assertTrue(stat.with_user(self.mira)._numbers(scenario.with_user(self.mira)))
        with self.assertRaises(AccessError):
            stat.with_user(self.finn)._numbers(scenario.with_user(self.finn))
        stat._fold_batch()
        self.assertFalse(stat.with_user(self.finn).search([("scenario_id", "=", scenario.id)]))

    def test_numbers_ask_the_database_three_times(self):  # LN-40
        scenario, _leads = self._three_people()
        stat = self.env["nurture.node.stat"]
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        stat._numbers(scenario)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 3)

    def test_lanes_side_by_side_wait_for_no_counter(self):  # LN-40
        """Two open transactions count the same step, and neither waits for the other."""
        add = self.env["nurture.node.delta"]._query_add(SQL("VALUES (0, 0, 'race', 'in', 1)"))
        with (
            db_connect(self.env.cr.dbname).cursor() as one,
            db_connect(self.env.cr.dbname).cursor() as two,
        ):
            two.execute("SET LOCAL lock_timeout = '2s'")
            one.execute(add)
            two.execute(add)
            self.assertEqual((one.rowcount, two.rowcount), (1, 1))
            one.rollback()
            two.rollback()

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from .common_scenario import ScenarioCase

CLAIM = "odoo.addons.lead_nurture.models.nurture_enrolment_claim.BATCH"


@tagged("post_install", "-at_install")
class TestFairness(ScenarioCase):
    """A blast starves nobody: counted in batches, never in seconds."""

    def _room(self, name, people=0, **kw):
        """A scenario in which so many people are due at its first step."""
        for number in range(people):
            self._create_lead(f"{name} {number}", f"{name}{number}@pumps.test", sync=False)
        self._sync()
        scenario = self._create_scenario(
            {"wait": ("wait", {}, {"next": "end"}), "end": ("exit", {}, {})},
            name=name,
            trigger_domain=f"[('email_normalized', 'like', '{name}')]",
            **kw,
        )
        self.assertEqual(self._let_in(scenario), people)
        return scenario

    def _crowd(self, scenario, count):
        """So many more who wait for later, known to the planner."""
        people = self.env["nurture.person"].create(
            [{"name": f"Waiting {number}"} for number in range(count)]
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO nurture_enrolment (scenario_id, version_id, company_id, node_id,
                                                  person_id, visit, state, enrolled_at, run_at,
                                                  attempts)
                   SELECT e.scenario_id, e.version_id, e.company_id, e.node_id, p.id, 1, 'waiting',
                          e.enrolled_at, e.enrolled_at + p.id * interval '1 day', 0
                     FROM (SELECT * FROM nurture_enrolment WHERE scenario_id = %s LIMIT 1) e,
                          nurture_person p
                    WHERE p.id = ANY(%s)""",
                scenario.id,
                people.ids,
            )
        )
        self.env.cr.execute("ANALYZE nurture_enrolment")

    def _claim(self, batch, now=None):
        self.env.flush_all()
        with patch(CLAIM, batch):
            return self.env["nurture.enrolment"]._claim(now or self._later())

    def test_priority_goes_first_and_a_blast_leaves_room(self):  # RELIABILITY 1
        slow, quick = self._room("slow", 5, priority=20), self._room("quick", 2, priority=1)
        claimed = self._claim(batch=3)
        self.assertEqual(len(claimed), 3)
        self.assertEqual(claimed[:2].scenario_id, quick)
        self.assertEqual(claimed[2:].scenario_id, slow)

    def test_a_late_alert_is_in_the_next_batch(self):  # RELIABILITY 1
        """Two blasts of low numbers were first, which would fill batch after batch."""
        blasts = self._room("blast", 30, priority=1) | self._room("flood", 30, priority=1)
        alert = self._room("alert", 1, priority=90)
        claimed = self._claim(batch=12)
        self.assertIn(alert, claimed.scenario_id)
        self.assertEqual(len(claimed), 12, "the batch is full")
        self.assertLessEqual(blasts, claimed.scenario_id)

    def test_a_lone_blast_fills_the_batch(self):
        self._room("blast", 30)
        self.assertEqual(len(self._claim(batch=25)), 25)

    def test_who_was_woken_overtakes_the_blast_of_his_own_scenario(self):  # RELIABILITY 1
        """He has just clicked: the alert about him comes now, not after the whole blast."""
        scenario = self._room("blast", 30)
        woken = scenario.enrolment_ids.sorted("id")[-1]
        self.env.cr.execute(
            "UPDATE nurture_enrolment SET release_label = 'next', run_at = %s WHERE id = %s",
            [self._later(), woken.id],
        )
        self.env.invalidate_all()
        claimed = self._claim(batch=4)
        self.assertEqual(claimed[0], woken)
        self.assertEqual(len(claimed), 4)

    def test_more_queues_than_places_take_turns(self):
        """Each of many scenarios is served, though a batch has fewer places."""
        for name in ("ann", "bea", "cat", "dan"):
            self._room(name, 3)
        served = set()
        for second in range(40):
            claimed = self._claim(batch=2, now=self._later(seconds=second))
            self.assertEqual(len(claimed), 2)
            served |= set(claimed.scenario_id.mapped("name"))
        self.assertEqual(served, {"ann", "bea", "cat", "dan"})

    def test_claim_uses_its_indexes(self):  # P-5
        scenario = self._room("blast", 5)
        self._crowd(scenario, 3_000)
        query = self.env["nurture.enrolment"]._query_claim(self._later())
        plan = "\n".join(
            row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", query))
        )
        self.assertIn("nurture_enrolment_due_idx", plan)
        self.assertIn("nurture_enrolment_woken_idx", plan)

from unittest.mock import patch

from odoo.addons.sales_automation.models import sales_backfill
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesDeskCase
from .test_clock import DAY_1, DAY_2

CRON = "ir_cron_backfill_facts"


@tagged("post_install", "-at_install")
class TestBackfillJob(SalesDeskCase):
    """The past of a large database is rebuilt step by step, and a cut job goes on."""

    def setUp(self):
        super().setUp()
        self.job = self.env["sales.backfill"].search([("subject", "=", "history")])
        self.others = self.env["sales.backfill"].search([("subject", "!=", "history")])
        self.others._set_done()
        with self.at(DAY_1):
            self.deals = self._create_deals(7)
        with self.at(DAY_2):
            self.deals.stage_id = self.stage_offer
        self.job._set_waiting()
        # the leads of this story only
        self.job.write({"last_lead_id": self.deals[0].id - 1, "total": len(self.deals)})
        self.patch(sales_backfill, "LEADS_PER_STEP", 3)

    def _rebuilt(self):
        return self.deals.filtered(
            lambda deal: set(deal.stage_history_ids.mapped("origin")) == {"backfill"})

    def test_steps_add_up(self):  # SA-1
        steps = []
        while self.job.state != "done":
            self.job._step()
            steps.append((len(self._rebuilt()), self.job.done_count, self.job.progress))
            self.env.invalidate_all()
        self.assertEqual(steps, [(3, 3, 42), (6, 6, 85), (7, 7, 99), (7, 7, 100)])

    def test_a_cut_job_goes_on_where_it_was(self):  # SA-1
        self.job._step()
        first = self.deals[0].stage_history_ids.ids
        self._run_cron(CRON)
        self.assertEqual(self._rebuilt(), self.deals)
        self.assertEqual(self.deals[0].stage_history_ids.ids, first, "not done twice")
        self.assertEqual((self.job.state, self.job.done_count), ("done", 7))

    def test_a_failure_is_shown_and_repeated(self):  # SA-1
        history = self.env.registry["sales.stage.history"]
        with patch.object(history, "_backfill", side_effect=ValueError("out of space")):
            self._run_cron(CRON)
        self.assertEqual((self.job.state, self.job.failure), ("failed", "out of space"))
        self.assertFalse(self._rebuilt())
        self.job.with_user(self.max).action_start_again()
        self._run_cron(CRON)
        self.assertEqual((self.job.state, self.job.failure), ("done", False))
        self.assertEqual(self._rebuilt(), self.deals)

    def test_later_leads_are_left_alone(self):  # SA-1
        with self.at(DAY_2):
            later = self._create_deal()
        self._run_cron(CRON)
        self.assertEqual(later.stage_history_ids.origin, "live")

    def test_a_small_database_is_done_at_installation(self):  # SA-1
        self.job._set_waiting()
        self.env["sales.backfill"]._start()
        self.assertEqual(self.job.state, "done")
        self.assertEqual(self._rebuilt(), self.deals)

    def test_a_large_database_waits_for_the_job(self):  # SA-1
        self.job.write({"last_lead_id": self.deals[0].id - 1, "state": "waiting"})
        with patch.object(sales_backfill, "AT_ONCE", 5):
            self.env["sales.backfill"]._start()
        self.assertEqual(self.job.state, "waiting")

    def test_after_an_upgrade_what_was_recorded_stays(self):  # ALL-2
        self.job.unlink()
        self.env["sales.backfill"]._start(recorded=("history",))
        job = self.env["sales.backfill"].search([("subject", "=", "history")])
        self.assertEqual(job.state, "done")
        self.assertFalse(self._rebuilt())

    def test_what_was_recorded_is_not_rebuilt(self):  # SA-1, SA-2
        self.job._set_done()
        with self.assertRaises(UserError):
            self.job.with_user(self.max).action_start_again()
        self.assertEqual(self.job.state, "done")
        self.others[0].with_user(self.max).action_start_again()
        self.assertEqual(self.others[0].state, "waiting")

    def test_only_managers_start_it(self):  # ALL-4
        with self.assertRaises(AccessError):
            self.job.with_user(self.ines).action_start_again()

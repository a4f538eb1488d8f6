"""LN-16: scores frozen at their moment."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .common_backtest import HOT, BacktestCase


class TestSnapshots(BacktestCase):
    def _age(self, leads, days):
        leads.flush_recordset()
        moment = self.now - timedelta(days=days)
        self.env.cr.execute(
            SQL("UPDATE crm_lead SET create_date = %s WHERE id = ANY(%s)", moment, leads.ids)
        )
        leads.invalidate_recordset()

    def _take(self):
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_snapshot").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["nurture.score.snapshot"].search([("lead_id", "in", self.leads.ids)])

    def setUp(self):
        super().setUp()
        self.model = self._create_model(HOT)
        self.leads = self.young = self._create_lead("Young", "young@deal.test")
        self.ripe = self._create_lead("Ripe", "ripe@deal.test")
        self.leads |= self.ripe
        self._drain()

    def test_an_open_lead_is_frozen_once_at_its_age(self):  # LN-16
        self._age(self.young, 6)
        self._age(self.ripe, 8)
        taken = self._take()
        self.assertEqual((taken.lead_id, taken.kind), (self.ripe, "age"))
        self.assertEqual((taken.total, taken.band, taken.model_id), (0, "cold", self.model))
        self.assertAlmostEqual(taken.core_probability, self.ripe.automated_probability)
        self._visit(self.ripe, days_ago=0)
        self._drain()
        again = self._take()
        self.assertEqual(again.filtered(lambda s: s.kind == "age"), taken)
        self.assertEqual(taken.total, 0, "frozen")
        hot = again - taken
        self.assertEqual((hot.kind, hot.lead_id, hot.total), ("hot", self.ripe, 70))
        self.assertEqual(self._take(), again)

    def test_closed_and_long_gone_leads_are_not_frozen(self):  # LN-16
        self._age(self.young, 8)
        self.young.action_set_lost()
        self._age(self.ripe, 40)
        self.assertFalse(self._take())

    def test_leads_are_not_written(self):  # P-1
        self._age(self.leads, 8)
        before = self.leads.mapped("write_date")
        self.assertTrue(self._take())
        self.assertEqual(self.leads.mapped("write_date"), before)

    def test_frozen_is_frozen(self):  # LN-16
        self._age(self.leads, 8)
        taken = self._take()
        with self.assertRaises(UserError):
            taken.total = 5
        with self.assertRaises(AccessError):
            taken.with_user(self.adam).unlink()

    def test_any_number_of_leads_is_one_statement(self):  # P-1
        more = self.env["crm.lead"]
        for number in range(30):
            more |= self._create_lead(f"N{number}", f"n{number}@deal.test", sync=False)
        self._drain()
        self._age(more | self.leads, 8)
        snapshots = self.env["nurture.score.snapshot"]
        with self.assertQueryCount(2):
            taken = snapshots._take_batch("age", self.now, 1_000)
        self.assertGreaterEqual(taken, 32)

    def test_cores_prediction_comes_from_the_frozen_moment(self):  # LN-16
        won, lost = self._close(40, True), self._close(40, False)
        self.env.flush_all()
        for leads, said in ((won, 80.0), (lost, 30.0)):
            self.env["nurture.score.snapshot"].create(
                [
                    {
                        "lead_id": lead.id, "model_id": self.model.id, "kind": "age",
                        "taken_at": self.now - timedelta(days=53), "core_probability": said,
                    }
                    for lead in leads
                ]
            )  # fmt: skip
        test = self._run(self.model)
        core = test.report["models"][-1]
        self.assertEqual((core["key"], core["auc"]["value"]), ("core", 1.0))
        self.assertAlmostEqual(core["calibration"][0]["said"], 0.8)
        self.assertEqual(core["calibration"][0]["rate"], 1)
        (difference,) = test.report["differences"]
        self.assertIn("Worse than CRM's own prediction", difference["text"])

    def test_without_frozen_predictions_it_says_so(self):  # LN-16
        self._close(40, True)
        self._close(40, False)
        core = self._run(self.model).report["models"][-1]
        self.assertIn("No lead of this test has a frozen prediction", core["refusal"])

    def test_as_of_first_hot_needs_who_was_hot(self):  # LN-16
        never, hot = self._close(1, False), self._close(1, True)
        moment = self.now - timedelta(days=50)
        self.env["nurture.score.snapshot"].create(
            {"lead_id": hot.id, "model_id": self.model.id, "kind": "hot", "taken_at": moment}
        )
        test = self._run(self.model, moment="hot")
        rows = self.env["nurture.backtest.lead"].search([("backtest_id", "=", test.id)])
        self.assertEqual((rows.lead_id, rows.as_of), (hot, moment))
        self.assertEqual(test.figures["counts"]["never"], len(never))

    def test_first_hot_is_that_of_the_models_in_question(self):  # LN-16
        """Another team's model may call everybody hot on the first day."""
        lead, other = self._close(1, True), self._create_model(HOT, sequence=99)
        draft = self.model._create_draft(self.model)
        late, soon = (self.now - timedelta(days=ago) for ago in (45, 59))
        for model, moment in ((self.model, late), (other, soon)):
            self.env["nurture.score.snapshot"].create(
                {"lead_id": lead.id, "model_id": model.id, "kind": "hot", "taken_at": moment}
            )
        rows = self.env["nurture.backtest.lead"]
        for tested in (self.model, draft):
            test = self._run(tested, moment="hot", other_model_id=False)
            self.assertEqual(rows.search([("backtest_id", "=", test.id)]).as_of, late)
        test = self._run(self.model, moment="hot", other_model_id=other.id)
        self.assertEqual(rows.search([("backtest_id", "=", test.id)]).as_of, soon)

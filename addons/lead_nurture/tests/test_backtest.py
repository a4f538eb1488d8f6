"""LN-16: a score held against won and lost, as of before the outcome."""
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import SQL

from .common import EVERYBODY
from .common_backtest import HOT, BacktestCase


class TestBacktest(BacktestCase):
    def test_who_visited_before_the_moment_was_won(self):  # LN-16
        model = self._create_model(HOT)
        won, lost = self._close(40, True), self._close(40, False)
        self._visit(won[:30] | lost[:10], days_ago=58)
        test = self._run(model)
        found = self._tested(test)
        # 30 of 40 won and 10 of 40 lost leads have the points: 0.75 x 0.75 + half of the ties
        self.assertAlmostEqual(found["auc"]["value"], 0.75)
        self.assertEqual((found["won"], found["lost"]), (40, 40))
        self.assertEqual(
            [found["confusion"][key] for key in ("hit", "false_alarm", "missed", "rightly_left")],
            [30, 10, 10, 30],
        )
        hot = found["bands"][0]
        self.assertEqual((hot["band"], hot["n"], hot["rate"]), ("hot", 40, 0.75))
        self.assertLess(hot["interval"]["low"], 0.75)
        behind = self.env[test.action_open_leads()["res_model"]].search(
            test.action_open_leads(True, 60, None)["domain"]
        )
        self.assertEqual(behind.lead_id, won[:30])

    def test_what_happens_after_the_outcome_never_counts(self):  # LN-16
        model = self._create_model(HOT)
        won, lost = self._close(40, True), self._close(40, False)
        self._visit(won[:20] | lost[:20], days_ago=58)
        before = self._tested(self._run(model))
        self._visit(won, days_ago=10)  # a leak: all the won ones, after they were won
        self._visit(won, days_ago=45)  # between the moment and the outcome
        after = self._tested(self._run(model))
        self.assertEqual(after["auc"], before["auc"])
        self.assertEqual(after["auc"]["value"], 0.5)
        self._visit(won, days_ago=53.5)  # before the moment: seven days after 60 days ago
        self.assertGreater(self._tested(self._run(model))["auc"]["value"], 0.7)

    def test_closed_before_the_moment_is_scored_before_its_outcome(self):  # LN-16
        model = self._create_model(HOT)
        won, lost = self._close(40, True, closed=2), self._close(40, False, closed=2)
        self._visit(won, days_ago=57.9)  # after the outcome, before the moment of seven days
        test = self._run(model)
        self.assertEqual(self._tested(test)["auc"]["value"], 0.5)
        self.assertEqual(test.figures["counts"]["early"], 80)
        self._visit(won | lost[:1], days_ago=58.1)
        self.assertGreater(self._tested(self._run(model))["auc"]["value"], 0.9)

    def test_a_won_lead_that_was_archived_later_counts_as_of_its_win(self):  # LN-16
        won = self._close(1, True, closed=50)
        won.flush_recordset()
        moment = self.now - timedelta(days=57)
        self.env.cr.execute(
            SQL("UPDATE crm_lead SET date_last_stage_update = %s WHERE id = %s", moment, won.id)
        )
        won.invalidate_recordset()
        test = self._run(self._create_model(HOT))
        row = self.env["nurture.backtest.lead"].search([("backtest_id", "=", test.id)])
        self.assertEqual(row.as_of, moment - timedelta(seconds=1))

    def test_equal_scores_one_class_and_inverted_scores(self):  # LN-16
        won = self._close(40, True)
        nothing = self._create_model([{"event_kind": "download", "points": 5}])
        alone = self._tested(self._run(nothing))
        self.assertNotIn("auc", alone)
        self.assertIn("40 won and 0 lost, 30 of each are needed", alone["refusal"])
        lost = self._close(40, False)
        self.assertEqual(self._tested(self._run(nothing))["auc"]["value"], 0.5)
        lifts = {part["lift"] for part in self._tested(self._run(nothing))["deciles"]}
        self.assertTrue(all(abs(lift - 1) < 1e-9 for lift in lifts))
        self._visit(won[:30] | lost[:10], days_ago=58)
        straight = self._tested(self._run(self._create_model(HOT)))["auc"]["value"]
        inverted = self._create_model(
            [{"event_kind": "visit", "points": -70, "max_count": 1}],
            fit=[{"domain": EVERYBODY, "points": 90}],
        )
        self.assertAlmostEqual(self._tested(self._run(inverted))["auc"]["value"], 1 - straight)

    def test_too_few_say_so(self):  # LN-16
        self._close(29, True)
        self._close(40, False)
        test = self._run(self._create_model(HOT))
        self.assertIn("29 won and 40 lost", self._tested(test)["refusal"])
        self.assertIn("200 closed leads", test.learned_text)
        self.assertFalse(test.suggestion_ids)
        self.assertFalse(test.is_offered)
        with self.assertRaisesRegex(UserError, "200 closed leads"):
            test.action_make_draft()

    def test_nobody_closed(self):  # LN-16
        test = self._run(self._create_model(HOT), domain="[('id', '=', 0)]")
        self.assertIn("0 won and 0 lost", self._tested(test)["refusal"])

    def test_draft_against_active(self):  # LN-14, LN-16
        won, lost = self._close(60, True), self._close(60, False)
        self._visit(won[:50] | lost[:10], days_ago=58)
        blind = self._create_model([{"event_kind": "download", "points": 5}], sequence=1)
        draft = self._create_model(HOT)
        draft._set_draft()
        test = self._run(draft)
        self.assertEqual(test.other_model_id, blind)
        self.assertEqual([m["key"] for m in test.report["models"]], ["tested", "other", "core"])
        self.assertEqual(test.report["models"][1]["auc"]["value"], 0.5)
        (difference,) = test.report["differences"]
        self.assertAlmostEqual(difference["auc"]["value"], 50 / 60 - 0.5)
        self.assertIn("Better than Test model", difference["text"])
        self.assertFalse(self.env["nurture.score"].search([("model_id", "=", draft.id)]))

    def test_two_leads_of_one_person_each_have_a_moment(self):  # LN-16
        model = self._create_model(HOT)
        first = self._close(1, False, created=60, email_from="same@deal.test")
        second = self._close(1, True, created=30, closed=20, email_from="same@deal.test")
        self.assertEqual(self._person_of(first), self._person_of(second))
        self._visit(second, days_ago=40)
        test = self._run(model)
        rows = self.env["nurture.backtest.lead"].search([("backtest_id", "=", test.id)])
        scores = {row.lead_id: row.score for row in rows}
        self.assertEqual(scores, {first: 0, second: 70})

    def test_open_and_derailed_leads_are_left_out_and_counted(self):  # LN-16
        spam = self.env["crm.lost.reason"].create({"name": "Spam"})
        self._close(3, False, lost_reason_id=spam.id)
        self._close(2, False)
        self._create_lead("Open", "open@deal.test")
        self._close(1, True, email_from=False, name="Nobody")
        test = self._run(
            self._create_model(HOT), lost_reason_ids=spam.ids,
            domain="['|', ('email_from', 'like', '@deal.test'), ('name', '=', 'Nobody')]",
        )
        counts = test.figures["counts"]
        self.assertEqual(
            [counts[key] for key in ("open", "derailed", "unknown")], [1, 3, 1]
        )
        self.assertEqual(test.lead_count, 2)
        self.assertIn("3 lost leads are left out for their lost reason.", test.report["left_out"])

    def test_days_of_closing_are_the_companys(self):  # KPI 0
        self.pumps.partner_id.tz = "Asia/Tokyo"
        test = self.env["nurture.backtest"].new(
            {"company_id": self.pumps.id, "date_from": "2026-03-01", "date_to": "2026-03-31"}
        )
        self.assertEqual(
            [str(moment) for moment in test._period()],
            ["2026-02-28 15:00:00", "2026-03-31 15:00:00"],
        )

    def test_other_companies_never_come_in(self):  # LN-16
        mine = self._close(2, True)
        self._close(3, True, company_id=self.filters.id)
        test = self._run(self._create_model(HOT))
        rows = self.env["nurture.backtest.lead"].search([("backtest_id", "=", test.id)])
        self.assertEqual(rows.lead_id, mine)
        self.assertEqual(test.figures["counts"]["open"], 0)
        theirs = self.env["nurture.backtest"].with_user(self.finn)
        self.assertFalse(theirs.search([("id", "=", test.id)]))
        self.assertFalse(rows.with_user(self.finn).search([("backtest_id", "=", test.id)]))

    def test_what_its_author_may_not_read_is_not_in_it(self):  # LN-16
        seen, hidden = self._close(2, True), self._close(2, True)
        self.env["ir.rule"].create(
            {
                "name": "hidden", "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "domain_force": [("id", "not in", hidden.ids)],
            }
        )  # fmt: skip
        model = self._create_model(HOT)
        test = self.env["nurture.backtest"].with_user(self.adam).create(
            {"model_id": model.id, "domain": "[('email_from', 'like', '@deal.test')]"}
        )
        test.action_run()
        rows = self.env["nurture.backtest.lead"].search([("backtest_id", "=", test.id)])
        self.assertEqual(rows.lead_id, seen)

    def test_managers_run_and_users_read(self):  # LN-16
        self._close(2, True)
        test = self._run(self._create_model(HOT))
        asked = test.with_user(self.mira)
        self.assertEqual(asked.report["models"][0]["won"], 2)
        for denied in (asked.action_run, asked.action_set_draft, asked.unlink):
            with self.assertRaises(AccessError):
                denied()
        with self.assertRaises(AccessError):
            test.with_user(self.sven).read(["figures"])
        test.with_user(self.adam).action_run()
        self.assertEqual(test.state, "done")

    def test_a_question_from_the_score_model_needs_no_more_than_a_click(self):  # LN-16
        self._close(2, True)
        active = self._create_model(HOT)
        draft = active._create_draft(active)
        asked = self.env["nurture.backtest"].with_user(self.adam)
        question = Form(asked.with_context(default_model_id=draft.id))
        self.assertEqual(question.other_model_id, active)
        unasked = Form(asked)
        self.assertFalse(unasked.other_model_id)
        self.assertEqual(asked.new({}).display_name, "New backtest")
        test = question.save()
        test.action_run()
        self.assertEqual(test.state, "done")
        with Form(test.with_user(self.mira)) as form:
            self.assertEqual(form.model_id, draft)

    def test_a_long_run_is_left_and_found_again(self):  # LN-16
        self._close(5, True)
        model = self._create_model(HOT)
        small = "odoo.addons.lead_nurture.models.nurture_backtest.SMALL"
        chunk = "odoo.addons.lead_nurture.models.nurture_backtest_run.CHUNK"
        with patch(small, 1), patch(chunk, 2):
            test = self._run(model)
            self.assertEqual((test.state, test.lead_count, test.progress), ("running", 5, 0))
            test._try_advance()
            self.assertAlmostEqual(test.progress, 36)
            with self.enter_registry_test_mode():
                self.env.ref("lead_nurture.ir_cron_backtest").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((test.state, test.progress), ("done", 100))
        with self.assertRaises(UserError):
            test.state = "running"
            test.action_run()

    def test_learning_is_a_step_of_its_own(self):  # LN-16, P-11
        """The figures are safe before the weighing begins, and the bar does not say 100 %."""
        self._close(5, True)
        with patch("odoo.addons.lead_nurture.models.nurture_backtest.SMALL", 1):
            test = self._run(self._create_model(HOT))
            test._try_advance()
            self.assertEqual((test.state, test.progress), ("running", 90))
            test._try_advance()
        self.assertEqual(test.state, "learning")
        self.assertLess(test.progress, 100)
        self.assertEqual(test.figures["models"][0]["n"], 5)
        self.assertNotIn("learned", test.figures)
        self.assertFalse(test.report, "nothing is shown by half")
        with self.assertRaisesRegex(UserError, "running already"):
            test.action_run()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_backtest").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((test.state, test.progress), ("done", 100))
        self.assertIn("200 closed leads", test.learned_text)

    def test_what_is_read_grows_with_scores_not_with_leads(self):  # P-11
        model = self._create_model(HOT)
        won, lost = self._close(50, True), self._close(50, False)
        self._visit(won[:40] | lost[:10], days_ago=58)
        plain = type(self.env).execute_query
        sizes = []

        def measured(env, query):
            rows = plain(env, query)
            if "nurture_backtest_lead" in query.code and "closed_at DESC" not in query.code:
                sizes.append(len(rows))
            return rows

        chunk = "odoo.addons.lead_nurture.models.nurture_backtest_run.CHUNK"
        with patch.object(type(self.env), "execute_query", measured), patch(chunk, 10):
            test = self._run(model)
            test.action_set_draft()
        self.assertTrue(sizes)
        self.assertLessEqual(max(sizes), 10, "a chunk at most")

    def test_the_leads_of_old_runs_leave_and_the_figures_stay(self):  # LN-16, P-11
        self._close(40, True)
        self._close(40, False)
        model = self._create_model(HOT)
        rows = self.env["nurture.backtest.lead"]
        self.env["ir.config_parameter"].set_param("lead_nurture.backtest_days", "30")
        old = self._run(model, days=3)
        recent, newest = self._run(model, days=5), self._run(model, days=7)
        old.finished_at = self.now - timedelta(days=31)
        recent.finished_at = self.now - timedelta(days=29)
        rows._gc_rows()
        left = {test: rows.search_count([("backtest_id", "=", test.id)])
                for test in (old, recent, newest)}  # fmt: skip
        self.assertEqual(left, {old: 0, recent: 80, newest: 80})
        self.assertEqual(self._tested(old)["auc"]["value"], 0.5)
        with self.assertRaisesRegex(UserError, "no longer kept"):
            old.action_open_leads(True)
        self.assertTrue(newest.action_open_leads(True))
        self.env["ir.config_parameter"].set_param("lead_nurture.backtest_days", "0")
        recent.finished_at = self.now - timedelta(days=900)
        rows._gc_rows()
        self.assertEqual(rows.search_count([("backtest_id", "=", recent.id)]), 80, "0: for ever")

    def test_a_run_that_fails_says_why(self):  # LN-16
        model = self._create_model(HOT)
        with patch.object(
            type(self.env["nurture.score.points"]), "_query_sums",
            lambda *args: SQL("SELECT nonsense"),
        ), self.assertLogs("odoo.addons.lead_nurture.models.nurture_backtest_run", "WARNING"):
            self._close(1, True)
            test = self._run(model)
        self.assertEqual(test.state, "failed")
        self.assertIn("nonsense", test.error)
        test.action_run()
        self.assertEqual((test.state, test.error), ("done", False))

    def test_bad_questions_are_refused_in_a_sentence(self):  # LN-16
        model = self._create_model(HOT)
        for wrong, said in (
            ({"date_from": "2026-02-01", "date_to": "2026-01-01"}, "must not lie after"),
            ({"days": -1}, "from 0 to 365"),
            ({"domain": "[('nonsense', '=', 1)]"}, "“Only leads” cannot be used"),
            ({"other_model_id": model.id}, "another one"),
        ):
            with self.assertRaisesRegex(ValidationError, said):
                self.env["nurture.backtest"].create({"model_id": model.id, **wrong})
        theirs = self._create_model(HOT, company_id=self.filters.id)
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.env["nurture.backtest"].create({"model_id": theirs.id})

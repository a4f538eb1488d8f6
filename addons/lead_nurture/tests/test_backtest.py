"""LN-16: a score held against won and lost, as of before the outcome; suggested weights."""
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import SQL

from .common import EVERYBODY, NurtureCase

HOT = [{"event_kind": "visit", "points": 70, "max_count": 1}]


class BacktestCase(NurtureCase):
    """Closed leads by the dozen: each is a person of his own, created 60 days ago and closed
    `closed` days later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.stage_won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.count = 0

    @classmethod
    def _close(cls, n, won, closed=30, created=60, sync=True, **kw):
        """`n` leads that were won or lost, born `created` days ago and closed on their day."""
        start = cls.count
        cls.count += n
        leads = cls.env["crm.lead"].create(
            [
                {
                    "name": f"Deal {number}", "type": "lead", "email_from": f"p{number}@deal.test",
                    "company_id": cls.pumps.id, "user_id": False, "team_id": False, **kw,
                }
                for number in range(start, start + n)
            ]
        )  # fmt: skip
        if won:
            leads.action_set_won()
        else:
            leads.action_set_lost()
        cls.env.flush_all()
        ages = created if isinstance(created, list) else [created] * n
        born = [cls.now - timedelta(days=age) for age in ages]
        cls.env.cr.execute(
            SQL(
                """UPDATE crm_lead l
                      SET create_date = x.born, date_closed = x.born + %s * INTERVAL '1 day'
                     FROM unnest(%s, %s::timestamp[]) x(id, born) WHERE x.id = l.id""",
                closed, leads.ids, born,
            )
        )  # fmt: skip
        leads.invalidate_recordset()
        if sync:
            cls._sync()
        return leads

    @classmethod
    def _visit(cls, leads, days_ago):
        """One page view of each lead's person."""
        days = days_ago if isinstance(days_ago, list) else [days_ago] * len(leads)
        leads.invalidate_recordset(["nurture_person_id"])
        cls.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": lead.nurture_person_id.id,
                    "kind": "page_view",
                    "occurred_at": cls.now - timedelta(days=ago),
                    "dedup_key": f"test:{lead.id}:{ago}",
                }
                for lead, ago in zip(leads, days, strict=True)
            ]
        )

    @classmethod
    def _run(cls, model, **kw):
        """A backtest, run to its end."""
        test = cls.env["nurture.backtest"].create(
            {"model_id": model.id, "company_id": cls.pumps.id, "days": 7,
             "domain": "[('email_from', 'like', '@deal.test')]", **kw}
        )  # fmt: skip
        test.action_run()
        return test

    def _tested(self, test):
        self.assertEqual(test.state, "done", test.error)
        return test.report["models"][0]


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


class TestSuggestions(BacktestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.japan, cls.france = cls.env.ref("base.jp"), cls.env.ref("base.fr")
        cls.model = cls._create_model([{"event_kind": "download", "points": 5}])

    def _history(self):
        """240 closed leads, oldest first in every group: Japan and visits win, France loses."""
        visitors, seen = self.env["crm.lead"], []
        for country, visited, wins, losses in (
            (self.japan, True, 5, 1), (self.japan, False, 4, 2),
            (self.france, True, 3, 3), (self.france, False, 1, 5),
        ):  # fmt: skip
            for won, numbers in ((True, range(wins)), (False, range(wins, wins + losses))):
                ages = [300 - 20 * step - number for number in numbers for step in range(10)]
                leads = self._close(
                    len(ages), won, created=ages, sync=False, country_id=country.id
                )
                if visited:
                    visitors |= leads
                    seen += [age - 1 for age in ages]
        self._sync()
        self._visit(visitors, seen)

    def test_history_suggests_and_a_draft_takes_it(self):  # LN-16
        self._history()
        test = self._run(self.model)
        by_name = {suggestion.name: suggestion for suggestion in test.suggestion_ids}
        japan = by_name["Country is Japan"]
        self.assertGreater(japan.points, by_name["Country is France"].points)
        self.assertGreater(japan.woe, 0)
        self.assertGreater(by_name["At least once: Page viewed"].points, 0)
        self.assertEqual(japan.won + japan.lost, 84, "the oldest 70 % of 120")
        self.assertTrue(test.is_offered, test.learned_text)
        learned = test.figures["learned"]
        self.assertEqual(learned["n"], 72)
        self.assertGreater(learned["difference"]["low"], 0)
        self.assertIn("On the newest 72 leads", test.learned_text)

        by_name["Country is France"].accepted = False
        draft = self.env["nurture.score.model"].browse(test.action_make_draft()["res_id"])
        self.assertEqual((draft.state, self.model.state), ("draft", "active"))
        self.assertEqual(draft.parent_id, self.model, "one click publishes, one goes back")
        names = draft.group_ids.rule_ids.mapped("name")
        self.assertIn("Country is Japan", names)
        self.assertNotIn("Country is France", names)
        self.assertNotIn("Rule 0", names, "the present rules are switched off")
        again = self._run(draft)
        self.assertGreater(self._tested(again)["auc"]["value"], 0.65)
        self.assertEqual(again.other_model_id, self.model)
        with self.assertRaisesRegex(UserError, "has a draft already"):
            test.action_make_draft()
        draft._publish_draft()
        self.assertEqual((again.model_id, again.other_model_id), (self.model, draft),
                         "contents were swapped, and the test goes with what it tested")

    def test_what_follows_from_the_outcome_is_not_ticked(self):  # LN-16
        self._history()
        tag = self.env["crm.tag"].create({"name": "Paid"})
        won = self.env["crm.lead"].with_context(active_test=False).search(
            [("email_from", "like", "@deal.test"), ("won_status", "=", "won")]
        )
        won.tag_ids = tag
        test = self._run(self.model)
        paid = test.suggestion_ids.filtered(lambda s: s.name == "Tagged Paid")
        self.assertEqual(paid.warning, "too_good")
        self.assertGreater(paid.iv, 1)
        self.assertFalse(paid.accepted)
        self.assertTrue(test.suggestion_ids.filtered("accepted"))

    def test_what_is_no_better_is_not_offered(self):  # LN-16
        for won in (True, False):
            self._close(100, won, created=[100 + number % 20 for number in range(100)])
        test = self._run(self.model)
        self.assertFalse(test.is_offered)
        self.assertIn("by itself", test.learned_text)
        with self.assertRaisesRegex(UserError, "by itself"):
            test.action_make_draft()

    def _draft_of(self, test):
        return self.env["nurture.score.model"].browse(test.action_make_draft()["res_id"])

    def test_thresholds_are_those_of_the_ticked_rules(self):  # LN-16
        """With one rule of a few points nobody could reach what all of them would give."""
        self._history()
        test = self._run(self.model)
        event = test.suggestion_ids.filtered(lambda s: s.name == "At least once: Page viewed")
        (test.suggestion_ids - event).accepted = False
        draft = self._draft_of(test)
        self.assertEqual(draft.group_ids.rule_ids.points, event.points)
        self.assertEqual(draft.hot_at, event.points, "whom the rule holds of is hot")
        self.assertLess(draft.warm_at, draft.hot_at)
        hot = self._tested(self._run(draft))["bands"][0]
        self.assertEqual((hot["band"], hot["n"]), ("hot", 120))

    def test_thresholds_keep_the_share_of_the_hot(self):  # LN-16
        self._history()
        draft = self._draft_of(self._run(self.model))
        hot = self._tested(self._run(draft))["bands"][0]
        self.assertEqual((hot["band"], hot["n"]), ("hot", 60), "Japanese who visited")

    def test_what_only_takes_points_makes_no_draft(self):  # LN-16
        self._history()
        test = self._run(self.model)
        for suggestion in test.suggestion_ids:
            suggestion.accepted = suggestion.points < 0
        with self.assertRaisesRegex(UserError, "at least 2 points"):
            test.action_make_draft()

    def test_a_word_is_weighed_where_its_rule_would_hold(self):  # LN-16
        """The rule asks for a part of the text, and “director” has “cto” in it."""
        self._history()
        leads = self.env["crm.lead"].with_context(active_test=False).search(
            [("email_from", "like", "@deal.test")]
        )
        japanese = leads.filtered(lambda lead: lead.country_id == self.japan)
        japanese.function, (leads - japanese).function = "CTO", "Art Director"
        test = self._run(self.model)
        found = {s.name: s.won + s.lost for s in test.suggestion_ids}
        self.assertEqual(found["Job position has “director”"], 84)
        self.assertEqual(found["Job position has “cto”"], 168, "the oldest 70 % of all 240")

    def test_days_begin_where_the_model_says(self):  # LN-16
        self.model.tz = "Asia/Tokyo"  # a new day at 15:00 UTC
        lead = self._close(1, True)
        noon = (self.now - timedelta(days=57)).replace(hour=12, minute=0)
        self._visit(lead, [(self.now - noon) / timedelta(days=1)])
        self._visit(lead, [(self.now - noon - timedelta(hours=4)) / timedelta(days=1)])
        test = self._run(self.model)
        (row,) = self.env.execute_query_dict(test._query_traits(10))
        self.assertEqual(row["visit_days"], 2)
        self.model.tz = "UTC"
        (row,) = self.env.execute_query_dict(test._query_traits(10))
        self.assertEqual(row["visit_days"], 1)

    def test_too_few_among_the_newest_is_said_in_words(self):  # LN-16
        for n, won, country, oldest in (
            (60, True, self.france, 300), (30, True, self.japan, 300),
            (26, False, self.france, 280), (52, False, self.japan, 280),
            (72, False, self.japan, 180),
        ):  # fmt: skip
            ages = [oldest - number for number in range(n)]
            self._close(n, won, created=ages, country_id=country.id)
        test = self._run(self.model)
        self.assertEqual(test.figures["learned"]["refusal"], "few_new")
        self.assertFalse(test.is_offered)
        self.assertIn(
            "tested on the newest 30% of the leads. Among these are 0 won and 72 lost; 30 of each "
            "are needed", test.learned_text,
        )
        with self.assertRaisesRegex(UserError, "0 won and 72 lost"):
            test.action_make_draft()

    def test_only_managers_take_suggestions(self):  # LN-16
        self._history()
        test = self._run(self.model)
        with self.assertRaises(AccessError):
            test.with_user(self.mira).action_make_draft()
        with self.assertRaises(AccessError):
            test.with_user(self.mira).suggestion_ids.write({"accepted": True})
        self.assertTrue(test.with_user(self.adam).action_make_draft()["res_id"])


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

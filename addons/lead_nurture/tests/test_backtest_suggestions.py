"""LN-16: points that history suggests, accepted rule by rule."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError

from .common_backtest import BacktestCase


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

    def test_of_words_that_are_equally_frequent_the_first_is_kept(self):  # LN-16
        """The same run suggests the same."""
        words = [f"{letter * 4}er" for letter in "qwertzuiop"]
        said = self.env["nurture.backtest"]._words_of([" ".join(words), " ".join(words[5:])])
        self.assertEqual(said, words[5:] + words[:5])

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
        self._entrust(self.adam)
        test = self._run(self.model)
        with self.assertRaises(AccessError):
            test.with_user(self.mira).action_make_draft()
        with self.assertRaises(AccessError):
            test.with_user(self.mira).suggestion_ids.write({"accepted": True})
        self.assertTrue(test.with_user(self.adam).action_make_draft()["res_id"])

import random
from datetime import timedelta

from freezegun import freeze_time
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, NurtureCase


class ScoreCase(NurtureCase):
    """Stories at a fixed hour: `self._move(days)` lets time pass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.ann = cls._person_of(cls.lead)

    def setUp(self):
        super().setUp()
        self.clock = freeze_time(NOW)
        self.frozen = self.clock.start()
        self.addCleanup(self.clock.stop)

    def _move(self, days):
        """Time passes and the nightly pass runs."""
        self.frozen.tick(timedelta(days=days))
        self.env["nurture.score.model"]._cron_request_passes()
        self._drain()

    def _bands_told(self, person):
        events = self.env["nurture.event"].search(
            [("person_id", "=", person.id), ("source", "=", "score")], order="id"
        )
        return [(event.kind, event.topic) for event in events]


@tagged("post_install", "-at_install")
class TestScore(ScoreCase):
    # ------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------

    def _points(self, *events, **rule):
        """Points that one rule gives for events (days ago, other vals)."""
        for days_ago, vals in events:
            self._record(self.ann, days_ago=days_ago, **vals)
        model = self._create_model([{"points": 10, "event_kind": "page_view", **rule}])
        self._drain()
        self.assertAddsUp(self._score_of(self.ann, model))
        return self._score_of(self.ann, model).total

    def test_each_time_counts(self):  # LN-11
        self.assertEqual(self._points((1, {}), (2, {}), (2, {"url": "/b"})), 30)

    def test_counted_at_most_so_often(self):  # LN-11, LN-12
        self.assertEqual(self._points(*[(n, {}) for n in range(5)], max_count=3), 30)

    def test_needed_at_least_so_often(self):  # LN-11
        self.assertEqual(self._points((1, {}), (1, {"url": "/b"}), min_count=3), 0)

    def test_each_day_counts_once(self):  # LN-11
        events = [(1, {}), (1, {"url": "/b"}), (3, {}), (4, {})]
        self.assertEqual(self._points(*events, count_by="day"), 30)

    def test_two_days_are_needed(self):  # LN-11, LN-18
        rule = {"count_by": "day", "min_count": 2, "max_count": 1}
        self.assertEqual(self._points((1, {}), (1, {"url": "/b"}), **rule), 0)
        self.assertEqual(self._points((2, {}), **rule), 10)

    def test_a_day_begins_where_the_model_says(self):  # LN-11
        evening, night = (1, {"at": NOW.replace(hour=16) - timedelta(days=1)}), NOW.replace(hour=18)
        night = (1, {"at": night - timedelta(days=1)})
        self.assertEqual(self._points(evening, night, count_by="day"), 10)
        model = self._create_model(
            [{"points": 10, "event_kind": "page_view", "count_by": "day"}], tz="Asia/Ho_Chi_Minh"
        )
        self._drain()
        self.assertEqual(self._score_of(self.ann, model).total, 20, "23:00 and 01:00 there")

    def test_at_most_so_many_a_day(self):  # LN-11
        events = [(1, {"url": f"/{n}"}) for n in range(4)] + [(2, {})]
        self.assertEqual(self._points(*events, max_per_day=2), 30)

    def test_the_window_closes(self):  # LN-12
        self.assertEqual(self._points((29, {}), (31, {}), window_days=30), 10)

    def test_points_halve(self):  # LN-12
        self.assertEqual(self._points((0, {}), (10, {}), (20, {}), half_life_days=10), 18)

    def test_points_halve_by_day_with_a_limit(self):  # LN-12
        events = [(0, {"url": f"/{n}"}) for n in range(3)] + [(10, {}), (10, {"url": "/z"})]
        self.assertEqual(self._points(*events, half_life_days=10, max_per_day=1), 15)
        self.assertEqual(
            self._points(half_life_days=10, count_by="day", max_count=1), 10
        )

    def test_nothing_happened_nothing_is_given(self):  # LN-12: an empty sum is not its cap
        self.assertEqual(self._points(half_life_days=10, max_count=2), 0)
        self.assertEqual(self._points(half_life_days=10, max_count=2, count_by="day"), 0)

    def test_only_the_page_that_is_meant(self):  # LN-11
        events = [
            (1, {"url": "https://x.test/PRICING/pumps"}),
            (1, {"url": "https://x.test/price_list"}),
            (1, {"url": "https://x.test/priceXlist"}),
            (1, {"url": "https://x.test/product/7/demo"}),
            (1, {}),
        ]
        self.assertEqual(self._points(*events, url_pattern="/pricing"), 10)
        self.assertEqual(self._points(url_pattern="/price_list"), 10)
        self.assertEqual(self._points(url_pattern="*/product/*/demo\n\n/pricing"), 20)
        self.assertEqual(self._points(url_pattern="100%"), 0)

    def test_topic_and_kinds_taken_together(self):  # LN-11
        events = [
            (1, {"topic": "pump"}), (1, {"topic": "pumps"}),
            (1, {"kind": "mail_click"}), (1, {"kind": "mail_open"}),
        ]  # fmt: skip
        self.assertEqual(self._points(*events, topic="pump"), 10)
        self.assertEqual(self._points(event_kind="visit"), 30)

    def test_machines_never_count_doubtful_ones_when_wanted(self):  # LN-3, LN-11
        events = [
            (1, {}), (1, {"actor": "suspect", "url": "/b"}), (1, {"actor": "machine", "url": "/c"}),
        ]  # fmt: skip
        self.assertEqual(self._points(*events), 10)
        self.assertEqual(self._points(include_suspect=True), 20)

    def test_classing_an_event_again_scores_again(self):  # LN-3
        event = self._record(self.ann)
        model = self._create_model([{"points": 10, "event_kind": "page_view"}])
        self._drain()
        self.assertScore(self.ann, 10, model=model)
        self.env["nurture.event"]._set_actor(event.ids, "machine", "burst")
        self._drain()
        self.assertScore(self.ann, 0, model=model)

    def test_fit_of_leads_and_contact(self):  # LN-10
        parent = self.env["res.partner"].create({"name": "Acme", "is_company": True})
        contact = self.env["res.partner"].create(
            {"name": "Ann", "email": "ann@pumps.test", "company_id": self.pumps.id,
             "parent_id": parent.id}
        )  # fmt: skip
        self._create_lead(name="Ann again", function="Managing Director", priority="2")
        vietnam = self.env.ref("base.vn")
        self.lead.country_id = vietnam
        fit = [
            {"points": 10, "domain": "[('function', 'ilike', 'director')]"},
            {"points": 5, "domain": "[('country_id.code', '=', 'VN')]"},
            {"points": -3, "domain": "[('priority', '=', '3')]"},
            {"points": 2, "domain": "[]"},
            {"points": 7, "source": "partner", "domain": "[('parent_id.name', '=', 'Acme')]"},
            {"points": 9, "source": "partner", "domain": "[('is_company', '=', True)]"},
        ]
        model = self._create_model(fit=fit)
        self._drain()
        self.assertScore(self.ann, 24, model=model)
        self.assertEqual(self._score_of(self.ann).grade, "B")
        self.assertEqual(self._score_of(self._person_of(contact)), self._score_of(self.ann))

    def test_a_lost_lead_still_tells_who_it_was(self):  # LN-10, LN-25
        self.lead.function = "Director"
        model = self._create_model(fit=[{"points": 10, "domain": "[('function', '!=', False)]"}])
        self.lead.action_set_lost()
        self._drain()
        self.assertScore(self.ann, 10, model=model)

    # ------------------------------------------------------------
    # Caps, bands, publishing
    # ------------------------------------------------------------

    def test_caps_are_rows_of_the_explanation(self):  # LN-12, LN-15
        self._record(self.ann), self._record(self.ann, kind="call")
        model = self._create_model(
            [{"points": 40, "event_kind": "page_view"}, {"points": 30, "event_kind": "call"}],
            fit=[{"points": 20, "domain": "[]"}, {"points": 15, "domain": "[]"}],
            cap=60, fit_cap=30, total_cap=80,
        )  # fmt: skip
        self._drain()
        self.assertScore(self.ann, 80, model=model)
        told = self._score_of(self.ann)._explain()
        self.assertEqual([group["points"] for group in told["groups"]], [60, 30])
        self.assertEqual([row["points"] for row in told["corrections"]], [-10])

    def test_a_score_is_never_below_nothing(self):  # LN-15
        self._record(self.ann, kind="unsubscribe")
        model = self._create_model([{"points": -40, "event_kind": "unsubscribe"}])
        self._drain()
        self.assertScore(self.ann, 0, "cold", model=model)

    def test_crossing_up_and_down_is_told_once(self):  # LN-13
        self._create_model([{"points": 64, "event_kind": "page_view", "half_life_days": 1000}])
        self._drain()
        self._record(self.ann)
        self._drain()
        self.assertScore(self.ann, 64, "hot")
        self._drain()
        self._move(130)
        self.assertScore(self.ann, 58, "hot")  # inside the hysteresis
        self._move(130)
        self.assertScore(self.ann, 53, "warm")
        self._move(3000)
        self.assertScore(self.ann, 7, "cold")
        self.assertEqual(
            self._bands_told(self.ann), [("band_up", "hot"), ("band_down", "warm"),
                                         ("band_down", "cold")]
        )  # fmt: skip

    def test_publishing_and_changing_is_silent(self):  # LN-14
        self._record(self.ann)
        model = self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        self.assertScore(self.ann, 64, "hot")
        model.group_ids.rule_ids.points = 31
        self._drain()
        self.assertScore(self.ann, 31, "warm")
        self.assertEqual(self._bands_told(self.ann), [])

    def test_a_new_lead_that_is_hot_at_once_is_told(self):  # LN-13
        self._create_model(fit=[{"points": 70, "domain": "[('priority', '=', '3')]"}])
        self._drain()
        lead = self._create_lead(name="Bob", email="bob@pumps.test", priority="3")
        self._drain()
        self.assertEqual(self._bands_told(self._person_of(lead)), [("band_up", "hot")])

    def test_who_was_there_before_is_no_news(self):  # LN-14: no alarm after an installation
        self._create_model(fit=[{"points": 70, "domain": "[('priority', '=', '3')]"}])
        self._drain()
        lead = self._create_lead(name="Bob", email="bob@pumps.test", priority="3", sync=False)
        self.env["nurture.change"].search([]).unlink()
        self.env["nurture.change"]._cron_reconcile_persons()
        self._drain()
        bob = self._person_of(lead)
        self.assertScore(bob, 70, "hot")
        self.assertEqual(self._bands_told(bob), [])

    def test_a_draft_scores_nobody_a_closed_model_is_forgotten(self):  # LN-14
        self._record(self.ann)
        model = self._create_model([{"points": 64, "event_kind": "page_view"}])
        self._drain()
        model.action_close()
        self.assertFalse(self._score_of(self.ann))
        self.env.invalidate_all()
        self.assertEqual((self.lead.nurture_score, self.lead.nurture_band), (0, "cold"))
        with self.assertRaises(UserError):
            self._create_model()
            self.env["nurture.score.model"].create({"name": "Empty"}).action_publish()

    def test_the_first_active_model_is_shown(self):  # LN-14
        self._record(self.ann)
        first = self._create_model([{"points": 5, "event_kind": "page_view"}], sequence=1)
        second = self._create_model([{"points": 6, "event_kind": "page_view"}], sequence=2)
        self._drain()
        self.assertEqual(self.lead.nurture_score, 5)
        second.sequence = 0
        self.env.invalidate_all()
        self.assertEqual(self.lead.nurture_score, 6)
        self.assertScore(self.ann, 5, model=first)

    def test_each_company_is_judged_by_its_own_model(self):  # LN-14
        there = self._create_lead(company_id=self.filters.id)
        self._record(self.ann), self._record(self._person_of(there))
        self._create_model(
            [{"points": 5, "event_kind": "page_view"}], company_id=self.filters.id, sequence=1
        )
        self._create_model([{"points": 7, "event_kind": "page_view"}], sequence=2)
        self._drain()
        self.assertEqual((there.nurture_score, self.lead.nurture_score), (5, 7))
        leads = self.env["crm.lead"].search(
            [("id", "in", (there | self.lead).ids)], order="nurture_score desc"
        )
        self.assertEqual(leads, self.lead | there)

    # ------------------------------------------------------------
    # Always the same
    # ------------------------------------------------------------

    def _random_story(self, seed):
        """A model with every kind of rule and thirty people with random events."""
        dice = random.Random(seed)
        rules = [
            {"points": 3, "event_kind": "page_view", "max_count": 4},
            {"points": 7.5, "event_kind": "visit", "half_life_days": 9},
            {"points": 12, "event_kind": "visit", "count_by": "day", "min_count": 2,
             "max_count": 3, "window_days": 30, "half_life_days": 14},
            {"points": 2, "event_kind": "mail_click", "max_per_day": 2, "half_life_days": 5},
            {"points": 20, "event_kind": "visit", "url_pattern": "/pricing", "max_count": 1},
            {"points": -15, "event_kind": "unsubscribe", "window_days": 60},
            {"points": 5, "event_kind": "contact", "include_suspect": True},
        ]  # fmt: skip
        fit = [
            {"points": 9, "domain": "[('function', 'ilike', 'director')]"},
            {"points": -4, "domain": "[('country_id.code', '=', 'VN')]"},
        ]
        model = self._create_model(rules, fit, cap=70, fit_cap=8, total_cap=75, hot_at=60)
        leads = self.env["crm.lead"].create(
            [
                {
                    "name": f"L{n}",
                    "email_from": f"p{n % 25}@random.test",
                    "company_id": self.pumps.id,
                    "function": dice.choice(["Director", False]),
                    "country_id": dice.choice([self.env.ref("base.vn").id, False]),
                }
                for n in range(30)
            ]
        )
        self._sync()
        people = leads.mapped("nurture_person_id")
        self.assertEqual(len(people), 25)
        return dice, model, people

    def _random_events(self, dice, people, number):
        kinds = ["page_view", "mail_click", "call", "unsubscribe", "mail_open", "mail_reply"]
        self.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": dice.choice(people.ids),
                    "kind": dice.choice(kinds),
                    "occurred_at": NOW - timedelta(minutes=dice.randrange(60 * 24 * 90)),
                    "dedup_key": f"random:{dice.random()}",
                    "actor": dice.choice(["human", "human", "suspect", "machine"]),
                    "url": dice.choice([None, "/pricing", "/pumps"]),
                }
                for _n in range(number)
            ]
        )

    def _scores(self, model):
        rows = self.env["nurture.score"].search_read(
            [("model_id", "=", model.id)], ["person_id", "fit", "engagement", "total", "grade"]
        )
        return {row["person_id"][0]: {**row, "id": 0} for row in rows}

    def test_incremental_full_and_explained_agree_for_everybody(self):  # LN-15, LN-19
        dice, model, people = self._random_story("agree")
        self._drain()
        for _round in range(6):
            self._random_events(dice, people, 40)
            dice.choice(people).lead_ids[0].function = dice.choice(["Director", "Clerk"])
            self._drain()
        incremental = self._scores(model)
        self.assertGreater(len({row["total"] for row in incremental.values()}), 8)
        for score in self.env["nurture.score"].search([("model_id", "=", model.id)]):
            self.assertAddsUp(score)
        self.env["nurture.score"].search([]).unlink()
        model._request_pass(silent=True)
        self._drain()
        self.assertEqual(self._scores(model), incremental)

    def test_the_night_agrees_with_a_fresh_start_after_days_of_decay(self):  # LN-12, LN-19
        dice, model, people = self._random_story("decay")
        self._random_events(dice, people, 200)
        self._drain()
        for _night in range(5):
            self._move(3)
        nightly = self._scores(model)
        for score in self.env["nurture.score"].search([("model_id", "=", model.id)]):
            self.assertAddsUp(score)
        self.env["nurture.score"].search([]).unlink()
        model._request_pass(silent=True)
        self._drain()
        self.assertEqual(self._scores(model), nightly)

    def test_a_pass_in_small_chunks_agrees(self):  # LN-19
        dice, model, people = self._random_story("chunks")
        self._random_events(dice, people, 100)
        self._drain()
        whole = self._scores(model)
        self.env["nurture.score"].search([]).unlink()
        model._request_pass(silent=True)
        while self.env["nurture.score"]._score_pass_chunk(4):
            pass
        self.assertEqual(self._scores(model), whole)
        self.assertTrue(model.last_pass_at)

    def test_a_night_without_change_writes_nothing(self):  # LN-19
        self._random_story("still")
        self._drain()
        before = {s.id: s.computed_at for s in self.env["nurture.score"].search([])}
        self._move(1)
        after = {s.id: s.computed_at for s in self.env["nurture.score"].search([])}
        self.assertEqual(after, before)

    def test_an_explanation_that_is_behind_says_so(self):  # LN-15
        model = self._create_model(fit=[{"points": 10, "domain": "[]"}])
        self._drain()
        model.group_ids.rule_ids.points = 12
        told = self._score_of(self.ann)._explain()
        self.assertEqual((told["total"], told["outdated"]), (12, 10))

    @mute_logger("odoo.sql_db", "odoo.addons.lead_nurture.models.nurture_score", "odoo.domains")
    def test_a_rule_that_broke_later_stops_its_model_only(self):  # LN-43: a module went away
        good = self._create_model([{"points": 7, "event_kind": "page_view"}], sequence=1)
        bad = self._create_model(fit=[{"points": 5, "domain": "[]"}], sequence=2)
        self._drain()
        rule = bad.group_ids.rule_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nurture_score_rule SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s",
            [rule.id],
        )
        rule.invalidate_recordset()
        self._record(self.ann)
        self._drain()
        self.assertScore(self.ann, 7, model=good)
        self.assertIn("gone", bad.error)
        told = self._score_of(self.ann, bad)._explain()
        self.assertEqual((told["total"], told["groups"]), (5, []))
        rule.domain = "[]"
        self._drain()
        self.assertFalse(bad.error)
        self.assertScore(self.ann, 5, model=bad)

    # ------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------

    def test_a_filter_walks_only_where_its_author_may_read(self):  # LN-15
        model = self._create_model()
        tags = self.env["ir.model.access"].search([("model_id.model", "=", "crm.tag")])
        tags.perm_read = False
        group = model.group_ids.filtered(lambda g: g.kind == "fit")
        for domain in ("[('tag_ids.name', '=', 'VIP')]",
                       "[('tag_ids', 'any', [('name', '=', 'VIP')])]"):  # fmt: skip
            vals = {"name": "VIP", "group_id": group.id, "source": "lead", "domain": domain}
            with self.assertRaises(ValidationError, msg=domain):
                self.env["nurture.score.rule"].with_user(self.adam).create(vals)
            tags.perm_read = True
            self.env["nurture.score.rule"].with_user(self.adam).create(vals)
            tags.perm_read = False

    def test_bad_rules_are_refused_with_a_sentence(self):  # LN-10
        model = self._create_model(fit=[{"points": 1, "domain": "[]"}])
        rule = model.group_ids.rule_ids
        bad = {
            "unknown field": "[('nonsense', '=', 1)]",
            "not stored": "[('is_rotting', '=', True)]",
            "the score itself": "[('nurture_score', '>', 5)]",
            "not stored below": "[('partner_id.nurture_score', '>', 5)]",
            "an expression": "[('user_id', '=', uid)]",
            "no domain": "7",
            "half a domain": "['&', ('id', '=', 1)]",
            "operator": "[('name', 'resembles', 'x')]",
            "too long": "[('name', '=', '%s')]" % ("x" * 4000),
        }
        for name, domain in bad.items():
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "Fit 0"):
                rule.domain = domain

    def test_bad_numbers_are_refused(self):  # LN-10 to LN-13
        model = self._create_model([{"points": 1}])
        rule = model.group_ids.rule_ids
        for vals in ({"points": float("nan")}, {"points": float("inf")}, {"points": 1e9},
                     {"half_life_days": float("nan")}, {"source": "lead"}):  # fmt: skip
            with self.subTest(vals), self.assertRaises(ValidationError):
                rule.write(vals)
        for vals in ({"hot_at": 30}, {"warm_at": 70}, {"hysteresis": 30}, {"total_cap": 50},
                     {"grade_a_at": 10, "grade_b_at": 10}):  # fmt: skip
            with self.subTest(vals), self.assertRaises(ValidationError):
                model.write(vals)

    def test_an_active_model_is_not_deleted_by_mistake(self):  # LN-14
        model = self._create_model([{"points": 1}])
        with self.assertRaises(UserError):
            model.unlink()
        model.action_close()
        model.unlink()


@tagged("post_install", "-at_install")
class TestPreset(ScoreCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("lead_nurture.nurture_score_model_two_days").action_publish()
        cls._drain()

    def test_two_days_and_a_key_page_make_hot_and_idle_days_cool(self):  # LN-18
        self._record(self.ann, url="https://x.test/pumps")
        self._drain()
        self.assertEqual(self.lead.nurture_band, "cold")
        self._record(self.ann, url="https://x.test/pricing")
        self._drain()
        self.assertEqual(self.lead.nurture_band, "warm", "one day only")
        self._move(1)
        self._record(self.ann, kind="mail_click", url="https://x.test/pumps")
        self._drain()
        self.assertEqual(self.lead.nurture_band, "hot")
        self._move(31)
        self.assertEqual(self.lead.nurture_band, "cold")

    def test_opened_mails_never_count(self):  # LN-18
        before = self.lead.nurture_score
        for day in range(20):
            self._record(self.ann, kind="mail_open", days_ago=day, url="https://x.test/pricing")
        self._drain()
        self.assertEqual(self.lead.nurture_score, before)

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import EVERYBODY, NOW
from .common_score import ScoreCase


@tagged("post_install", "-at_install")
class TestScoreRule(ScoreCase):
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

    def test_a_half_life_of_hours_forgets_old_events(self):  # LN-12
        for half_life in (0.25, 1e-310, 1e307):
            for by_day in ({}, {"count_by": "day"}):
                with self.subTest(half_life=half_life, **by_day):
                    rule = {"half_life_days": half_life, **by_day}
                    kept = 20 if half_life > 1 else 10
                    self.assertEqual(self._points((0, {}), (300, {}), **rule), kept)

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
            {"points": 2, "domain": EVERYBODY},
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
    # Bad input
    # ------------------------------------------------------------

    def test_a_filter_walks_only_where_its_author_may_read(self):  # LN-15
        self._entrust(self.adam)
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
        model = self._create_model(fit=[{"points": 1, "domain": EVERYBODY}])
        rule = model.group_ids.rule_ids
        bad = {
            "everybody": "[]",
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

    def test_who_gets_the_points_must_be_said(self):  # LN-10
        with self.assertRaisesRegex(ValidationError, "“Fit 0”.* say who gets the points"):
            self._create_model(fit=[{"points": 10}])

    def test_a_fit_rule_says_whom_it_means(self):  # LN-10, LN-15
        long = ", ".join(repr(f"job number {n}") for n in range(20))
        model = self._create_model(
            fit=[
                {"domain": "['|', ('function', 'ilike', 'head'), ('function', '=', False)]"},
                {"source": "partner", "domain": "[('is_company', '=', True)]"},
                {"domain": f"[('function', 'in', [{long}])]"},
                {"domain": "[('email_domain_criterion', '=like', '@%')]"},
                {"domain": "[('email_from', '=ilike', '%.vn'), ('city', '=like', 'H_ N_i')]"},
            ]
        )
        said = model.group_ids.rule_ids.mapped("summary")
        self.assertEqual(
            said[:2],
            ["Lead: Job Position contains “head” or Job Position is empty",
             "Contact: Is a Company is yes"],
        )  # fmt: skip
        self.assertTrue(said[2].startswith("Lead: Job Position is one of “job number 0”, "))
        self.assertEqual((len(said[2]), said[2][-1]), (120, "…"))
        self.assertEqual(said[3], "Lead: Email Domain Criterion begins with “@”")
        self.assertEqual(said[4], "Lead: Email ends with “.vn” and City is like “H_ N_i”")
        self.lead.function = "Head of pumps"
        self._drain()
        row = self._score_of(self.ann, model)._explain()["groups"][1]["rows"][0]
        self.assertEqual(row["why"], said[0])

    def test_a_reason_names_only_what_its_reader_may_read(self):  # LN-15
        secret = self.env["crm.tag"].create({"name": "Secret"})
        domain = f"[('tag_ids', '=', {secret.id})]"
        rule = self._create_model(fit=[{"points": 1, "domain": domain}]).group_ids.rule_ids
        self.assertIn("Secret", rule.summary)
        access = self.env["ir.model.access"].search([("model_id.model", "=", "crm.tag")])
        access.perm_read = False
        self.assertNotIn("Secret", rule.with_user(self.mira).sudo().summary)

    def test_a_filter_holds_in_every_company_or_not_at_all(self):  # LN-10, LN-15
        """Whoever reads the explanation may work in another company than the calculation."""
        model = self._create_model(fit=[{"points": 1, "domain": EVERYBODY}])
        rule, name = model.group_ids.rule_ids, "x_nurture_terms"
        self.env["ir.model.fields"].create(
            {"name": name, "field_description": "Terms", "ttype": "char", "state": "manual",
             "model_id": self.env["ir.model"]._get_id("res.partner"), "company_dependent": True}
        )  # fmt: skip
        for source, field in (("partner", name), ("lead", f"partner_id.{name}")):
            with (
                self.subTest(source),
                self.assertRaisesRegex(ValidationError, "“Terms” is different in each company"),
            ):
                rule.write({"source": source, "domain": repr([(field, "=", "net")])})

    def _write_as_a_form_does(self, record, vals):
        """What the database refuses comes back as the sentence of its constraint."""
        try:
            with self.env.cr.savepoint():
                record.write(vals)
                self.env.flush_all()
        except IntegrityError as error:
            raise ValidationError(record._sql_error_to_message(error)) from error

    @mute_logger("odoo.sql_db")
    def test_bad_numbers_are_refused_at_their_field(self):  # LN-10 to LN-13
        model = self._create_model([{"points": 1}])
        rule = model.group_ids.rule_ids
        bad = [
            (rule, {"points": float("nan")}, "“Points”"),
            (rule, {"points": float("inf")}, "“Points”"),
            (rule, {"points": 1e9}, "“Points”"),
            (rule, {"half_life_days": float("nan")}, "“Half-life in days”"),
            (rule, {"half_life_days": -1}, "“Rule 0”: “Half-life in days”"),
            (rule, {"window_days": -1}, "“Rule 0”: “Within days”"),
            (rule, {"max_count": -1}, "“Rule 0”: “Counted at most”"),
            (rule, {"max_per_day": -1}, "“Rule 0”: “At most per day”"),
            (rule, {"min_count": 0}, "“Rule 0”: “Needed at least” must be a number of 1 or more"),
            (rule, {"source": "lead"}, "does not belong here"),
            (model, {"hot_at": 30}, "“Hot from”"),
            (model, {"warm_at": 70}, "“Hot from”"),
            (model, {"warm_at": 0}, "“(Warm from|Cools below by)”"),
            (model, {"hysteresis": 30}, "“Cools below by”"),
            (model, {"hysteresis": -1}, "“Cools below by”"),
            (model, {"total_cap": 50}, "“Highest score”"),
            (model, {"grade_a_at": 10, "grade_b_at": 10}, "“Grade A from”"),
            (model.group_ids[0], {"cap": -1}, "“At most”"),
        ]
        for record, vals, sentence in bad:
            before = record.read([*vals])
            with self.subTest(vals), self.assertRaisesRegex(ValidationError, sentence):
                self._write_as_a_form_does(record, vals)
            record.invalidate_recordset()
            self.assertEqual(record.read([*vals]), before, "nothing changed")

    def test_caps_that_let_nobody_become_hot_are_refused(self):  # LN-12, LN-13
        model = self._create_model([{"points": 1}], cap=50, fit_cap=20)
        with self.assertRaisesRegex(ValidationError, "“At most” of the groups is 55 points"):
            model.group_ids[0].cap = 35
        with self.assertRaisesRegex(ValidationError, "below “Hot from” 75"):
            model.hot_at = 75
        model.group_ids[1].cap = 0  # no cap at all: out of reach is then only said, see the form

    def test_rules_that_let_nobody_become_hot_are_told(self):  # LN-13
        model = self._create_model(
            [{"points": 10, "max_count": 2}], [{"points": 15, "domain": EVERYBODY}]
        )
        self.assertEqual(model.reach, 35)
        self.assertIn("35 points at most", model.out_of_reach)
        model.group_ids.rule_ids[0].max_count = 0
        self.assertEqual((model.reach, model.out_of_reach), (0, False))

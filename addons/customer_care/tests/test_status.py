"""Lifecycle statuses: rules as data, days that pass, history that stays."""
import random
from datetime import timedelta

from odoo.addons.customer_care.engine import lifecycle
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, TODAY, CareCommon, days_ago


@tagged("post_install", "-at_install")
class TestStatus(CareCommon):

    def assertStatus(self, partner, status):
        self.assertEqual(self._care(partner).status, status)

    def test_seeded_rules_make_sense(self):  # CC-12
        rules = self.env["care.status.rule"]._rules_of(self.env["res.company"])
        self.assertEqual(lifecycle.problems(rules._to_engine()), [])
        self.assertEqual({rule.status for rule in rules}, set(lifecycle.STATUSES))
        self.assertTrue(all(rule.advice for rule in rules))

    def test_a_life(self):  # CC-12
        """First purchase, a rhythm of 30 days, silence, return; the clock alone moves him."""
        buyer = self._create_customer()
        order = self._create_sale_order_one_line(
            product_id=self.product_a.id, partner_id=buyer.id)
        order.date_order = NOW - timedelta(days=400)
        with freeze_time(NOW - timedelta(days=400)):
            self._run("_cron_refresh_customers")
        self.assertStatus(buyer, "prospect")
        story = [  # (buys so many days ago, judged so many days ago, status)
            (400, 400, "new"), (None, 310, "new"), (370, 340, "new"), (None, 306, "active"),
            (340, 309, "active"), (310, 309, "active"), (280, 279, "loyal"), (None, 220, "loyal"),
            (None, 219, "at_risk"), (None, 205, "at_risk"), (None, 204, "lapsed"),
            (None, 190, "lapsed"), (None, 189, "churned"), (5, 5, "reactivated"),
        ]
        for bought, judged, status in story:
            if bought:
                self._create_posted(buyer, days_ago(bought))
            self._count(buyer, now=NOW - timedelta(days=judged))
            self.assertEqual(
                self._care(buyer).status, status, f"bought {bought}, judged {judged} days ago")

    def test_restate_moves_who_fell_silent_and_says_since_when(self):  # CC-12
        buyer, quiet = self._create_customer(), self._create_customer("Quiet")
        self._buy(buyer, 90, 60, 30)
        self._buy(quiet, 10)
        self._count(buyer, quiet)
        self.assertStatus(buyer, "new")
        moved = self.figures._restate(self.company, NOW + timedelta(days=35))
        self.assertEqual(moved, 1, "a one-time buyer of six weeks ago is still new")
        care = self._care(buyer)
        # Last purchase + two gaps of 30 days, and the day after; noticed five days later.
        self.assertEqual((care.status, care.status_since), ("at_risk", TODAY + timedelta(days=31)))
        change = care.change_ids
        self.assertEqual(
            (change.from_status, change.to_status, change.changed_on, change.revenue_net,
             change.purchase_days),
            ("new", "at_risk", TODAY + timedelta(days=31), 300, 3))
        self.assertEqual(self.figures._restate(self.company, NOW + timedelta(days=35)), 0)
        self.assertEqual(len(care.change_ids), 1)

    def test_nightly_cron_measures_the_pool_and_restates(self):  # CC-12
        for gap in (20, 30, 70):
            buyer = self._create_customer()
            self._buy(buyer, 2 * gap, gap, 0)
        with freeze_time(NOW):
            self._run("_cron_refresh_customers")
            self._run("_cron_run_night", model="care.night")
        self.assertEqual(self.company.care_pool_gap, 30)
        with freeze_time(NOW + timedelta(days=400)):
            self._run("_cron_run_night", model="care.night")
        mine = self.customers.search([("company_id", "=", self.company.id)])
        self.assertEqual(set(mine.mapped("status")), {"churned"})

    def test_today_is_the_companys_day(self):  # CC-12
        self.company.resource_calendar_id.tz = "Asia/Tokyo"
        self.assertEqual(
            self.company._care_today(NOW.replace(hour=15, minute=1)), TODAY + timedelta(days=1))

    def test_the_zone_of_the_figures_is_a_setting(self):  # CC-12
        """It stands whatever happens to the working hours, and another one is another version."""
        self.company.resource_calendar_id.tz = "Europe/Brussels"
        version = self.company.care_definition
        self.company.care_tz = "Europe/Brussels"
        self.assertEqual(self.company.care_definition, version, "the same days")
        self.company.resource_calendar_id.tz = "America/New_York"
        evening = NOW.replace(hour=15, minute=1)
        self.assertEqual(self.company._care_today(evening), TODAY)
        self.company.care_tz = "Asia/Tokyo"
        self.assertEqual(self.company._care_today(evening), TODAY + timedelta(days=1))
        self.assertEqual(self.company.care_definition, version + 1)
        told = self.env["care.definition"].sudo().search(
            [("company_id", "=", self.company.id)], limit=1)
        self.assertIn("Time zone of the figures: Europe/Brussels → Asia/Tokyo", told.note)

    def test_other_working_hours_are_another_version(self):  # CC-12, KPI 0
        """Without a zone of its own, a company's days follow its working hours."""
        hours = self.company.resource_calendar_id
        hours.tz = "Europe/Brussels"
        self._create_posted(self._create_customer(), TODAY)
        self._run("_cron_refresh_customers")
        version, builds = self.company.care_definition, self.env["care.build"].sudo()
        hours.name = "Shop hours"
        hours.tz = "Europe/Brussels"
        self.assertEqual(self.company.care_definition, version, "the same days")
        hours.tz = "Asia/Tokyo"
        told = self.env["care.definition"].sudo().search(
            [("company_id", "=", self.company.id)], limit=1)
        self.assertEqual((told.version, self.company.care_definition), (version + 1,) * 2)
        self.assertIn("Time zone of the figures: Europe/Brussels → Asia/Tokyo", told.note)
        build = builds.search([("state", "=", "running")])
        self.assertIn(self.company, build.redefined_company_ids, "everybody is counted again")
        self.company.resource_calendar_id = hours.copy({"tz": "America/New_York"})
        self.assertIn("Asia/Tokyo → America/New_York", told.search(
            [("company_id", "=", self.company.id)], limit=1).note)

    def test_who_plans_the_hours_need_not_see_the_figures(self):  # ALL-4
        planner = new_test_user(
            self.env(su=True), "planner", "base.group_system", company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)])
        self.company.resource_calendar_id.tz = "Europe/Brussels"
        self._create_posted(self._create_customer(), TODAY)
        self._run("_cron_refresh_customers")
        version = self.company.care_definition
        self.company.resource_calendar_id.with_user(planner).sudo(False).tz = "Asia/Tokyo"
        self.assertEqual(self.company.care_definition, version + 1)

    def test_the_first_login_of_an_empty_company_is_no_version(self):  # CC-12
        """Core gives the working hours the zone of the first who logs in: nothing was counted."""
        version = self.company.care_definition
        self.company.resource_calendar_id.tz = "Asia/Tokyo"
        self.assertEqual(self.company.care_definition, version)

    def test_database_and_engine_judge_alike(self):  # CC-12
        """300 random customers under rules of every kind: SQL says what the engine says."""
        draw = random.Random(20260630)
        self.env["care.status.rule"].sudo().create([
            {"name": "Big", "sequence": 15, "status": "loyal", "revenue_min": 900,
             "silence_to": 400, "unit": "day", "company_id": self.company.id},
            {"name": "Old", "sequence": 25, "status": "lapsed", "silence_from": 300, "unit": "day",
             "purchases_max": 3, "company_id": self.company.id},
        ])
        self.company.care_pool_gap = 45.5
        partners = self.env["res.partner"].create([{"name": f"R{n}"} for n in range(300)])
        for partner in partners:
            self._insert_random(draw, partner)
        self.env.invalidate_all()
        self.figures._restate(self.company, NOW)
        rules = self.env["care.status.rule"]._rules_of(self.company)
        meaning = rules._to_engine()
        pace = self.company._care_pace(meaning)
        seen = set()
        for care in self.customers.search([("partner_id", "in", partners.ids)]):
            case = lifecycle.case_of(care._to_engine(), pace, TODAY)
            position = lifecycle.judge(meaning, case)
            seen.add(position)
            self.assertEqual(care.status, rules[position].status, case)
        self.assertEqual(len(seen), len(rules), "every rule decided somebody")

    def _insert_random(self, draw, partner):
        count = draw.choice((0, 1, 2, 3, 4, 5, 9))
        days = sorted(draw.sample(range(0, draw.choice((80, 300, 900))), count), reverse=True)
        first, previous, last = (
            days_ago(days[index]) if count >= least else None
            for index, least in ((0, 1), (-2, 2), (-1, 1)))
        self.env.cr.execute(
            """INSERT INTO care_customer (partner_id, company_id, revenue_net, invoiced, credited,
                   purchase_days, first_purchase, previous_purchase, last_purchase, status)
               VALUES (%s, %s, %s, 0, 0, %s, %s, %s, %s, 'prospect')""",
            (partner.id, self.company.id, draw.choice((0, 500, 899.99, 900, 2000)) * bool(count),
             count, first, previous, last))


@tagged("post_install", "-at_install")
class TestRules(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["care.status.rule"].sudo()

    def assertRefused(self, pattern):
        with self.assertRaisesRegex(ValidationError, pattern):
            self.env.flush_all()
            self.env.cr.precommit.run()

    def _rule(self, name):
        return self.env.ref(f"customer_care.care_status_rule_{name}").sudo()

    def test_a_gap_is_refused_with_an_example(self):  # CC-12
        self._rule("active").active = False
        self.assertRefused("covers this customer: . purchases")

    def test_prospects_must_be_covered(self):  # CC-12
        self._rule("prospect").unlink()
        self.assertRefused("without a purchase")

    def test_an_idle_rule_is_refused_by_name(self):  # CC-12
        self.rules.create({"name": "Too late", "sequence": 35, "status": "churned",
                           "silence_from": 4})
        self.assertRefused("“Too late” can never apply")

    def test_lines_may_be_dragged(self):  # CC-12
        """Halfway the order makes no sense; what counts is the end."""
        active, loyal = self._rule("active"), self._rule("loyal")
        active.sequence, loyal.sequence = 5, 90
        active.sequence, loyal.sequence = 80, 70
        self.env.cr.precommit.run()

    def test_a_company_adds_its_own_line(self):  # CC-12, ALL-4
        self.rules.create({
            "name": "Large accounts", "sequence": 15, "status": "loyal", "revenue_min": 1000,
            "company_id": self.company.id})
        self.env.cr.precommit.run()
        big, small = self._create_customer(), self._create_customer("Small")
        self._buy(big, 800, amount=5000)
        self._buy(small, 800, amount=5)
        self._count(big, small)
        self.assertEqual(self._care(big).status, "loyal")
        self.assertEqual(self._care(small).status, "churned")

    def test_changed_rules_wake_the_nightly_cron(self):  # CC-12
        cron = self.env.ref("customer_care.ir_cron_run_night")
        triggers = self.env["ir.cron.trigger"].sudo()
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self._rule("new").age_max = 60
        self.env.cr.precommit.run()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), 1)
        self.company.care_lapse_days = 200
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), 2)

    def test_conditions_in_words(self):  # CC-12
        self.assertEqual(self._rule("at_risk").condition, "silent for more than 2 own gaps")
        self.assertEqual(self._rule("active").condition, "everybody else")
        self.assertEqual(self._rule("prospect").condition, "no purchase yet")

"""Health with reasons, a person's word, frozen after churn (CC-13)."""
from datetime import timedelta

from odoo.addons.customer_care.engine import health
from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import NOW, TODAY, CareCommon, days_ago


@tagged("post_install", "-at_install")
class TestHealth(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["care.health.rule"].sudo()
        cls.rules.search([]).active = False  # whatever the database's admin made of them
        cls.company.write(
            {"care_health_base": 50, "care_health_good": 70, "care_health_risk": 40})
        cls.user = new_test_user(
            cls.env(su=True), "health_user", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _rule(self, fact, operator, value, points, name=None, **vals):
        return self.rules.create({
            "name": name or f"{fact} {operator} {value}", "fact": fact, "operator": operator,
            "value": value, "points": points, **vals})

    def _night(self, now=NOW, *keys):
        self.env["care.night"].sudo()._run_steps(
            self.company, now, *keys or ("status", "rfm", "health"))

    def _regular(self, name="Regular", last=20):
        """Four purchases, one every 30 days."""
        partner = self._create_customer(name)
        self._buy(partner, *(last + 30 * i for i in range(4)))
        self._count(partner)
        return partner

    def _leave_unpaid(self, partner, ago):
        """An invoice that is due for so many days."""
        self._create_posted(partner, days_ago(ago), invoice_date_due=days_ago(ago))
        self._count(partner)

    def _facts(self, partner, now=NOW):
        with freeze_time(now):
            return self.env["care.health"].sudo()._facts_of(self.company, partner)

    def test_facts_by_hand(self):  # CC-13
        partner = self._create_customer()
        self._buy(partner, 700, 760, amount=100)  # before the two years, and in the year before
        self._buy(partner, 800, amount=50)
        self._buy(partner, 100, amount=150)
        self._credit(self._create_posted(partner, days_ago(90), 50), days_ago(80), amount=20)
        self._count(partner)
        self._night()
        facts = self._facts(partner)
        # last twelve months 150 + 50 - 20 = 180; the twelve before: 700 days ago 100
        self.assertAlmostEqual(facts["trend"], 80)
        # invoiced 100 + 100 + 50 + 150 + 50 = 450, credited 20
        self.assertAlmostEqual(facts["refunds"], 100 * 20 / 450)
        self.assertEqual(facts["frequency"], 4)
        self.assertEqual(facts["overdue"], 0)
        self.assertIsNone(facts["rating"])
        self.assertIsNone(facts["agreement"])

    def test_a_young_customer_has_no_trend(self):  # CC-13
        partner = self._create_customer()
        self._buy(partner, 500, 100)
        self._count(partner)
        self.assertIsNone(self._facts(partner)["trend"])

    def test_silence_in_usual_gaps(self):  # CC-13
        self.company.care_pool_gap = 0
        partner = self._regular(last=45)
        self.assertAlmostEqual(self._facts(partner)["silence"], 1.5)

    def test_the_oldest_unpaid_invoice(self):  # CC-13
        partner = self._regular()
        for ago in (-5, 3, 21):
            self._leave_unpaid(partner, ago)
        self.assertEqual(self._facts(partner)["overdue"], 21)
        late = self.env["account.move"].search([
            ("partner_id", "=", partner.id), ("invoice_date_due", "=", days_ago(21))])
        self._register_payment(late)
        self.assertEqual(self._facts(partner)["overdue"], 3)

    def test_ratings_of_the_last_year(self):  # CC-13
        partner = self._regular()
        contact = self._create_customer("Contact", parent_id=partner.id)
        for rating, ago in ((5, 10), (3, 100), (1, 400)):
            record = self.env["rating.rating"].sudo().create({
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": partner.id, "partner_id": contact.id, "rating": rating,
                "consumed": True})
            record.rated_on = NOW - timedelta(days=ago)
        self.assertEqual(self._facts(partner)["rating"], 4)

    def test_a_rating_counts_for_the_company_that_was_rated(self):  # CC-13
        partner = self._regular()
        other = self.env["res.company"].create({"name": "Second House"})
        orders = self.env["sale.order"].sudo().create([
            {"partner_id": partner.id, "company_id": company.id}
            for company in (self.company, other)])
        for order, rating in zip(orders, (4, 1), strict=True):
            self.env["rating.rating"].sudo().create({
                "res_model_id": self.env["ir.model"]._get_id("sale.order"), "res_id": order.id,
                "partner_id": partner.id, "rating": rating, "consumed": True, "rated_on": NOW})
        self.assertEqual(self._facts(partner)["rating"], 4)

    def test_an_agreement_that_ends(self):  # CC-13
        partner = self._regular()
        agreement = self.env["care.agreement"].sudo().create({
            "partner_id": partner.id, "company_id": self.company.id,
            "type_id": self.env["care.agreement.type"].sudo().search([], limit=1).id,
            "date_start": days_ago(300), "date_end": TODAY + timedelta(days=12),
            "renewal": "manual", "monthly_amount": 10})
        agreement.flush_recordset()
        self.env.cr.execute(
            "UPDATE care_agreement SET state = 'running' WHERE id = %s", [agreement.id])
        self.assertEqual(self._facts(partner)["agreement"], 12)
        self.env.cr.execute(
            "UPDATE care_agreement SET renewal = 'auto' WHERE id = %s", [agreement.id])
        self.assertIsNone(self._facts(partner)["agreement"])

    def test_points_add_up_and_are_told(self):  # CC-13
        self._rule("silence", "le", 1, 15, "Buys in time")
        self._rule("refunds", "gt", 20, -10, "Much credited")
        self._rule("overdue", "gt", 14, -30, "Pays late")
        partner = self._regular()
        self._leave_unpaid(partner, 16)
        self._night()
        care = self._care(partner)
        self.assertEqual((care.health, care.health_level), (35, "risk"))
        story = care.with_user(self.user).sudo(False).health_story
        for words in ("Where everybody starts", "Buys in time", "+15", "Pays late", "−30", "35"):
            self.assertIn(words, story)
        self.assertNotIn("Much credited", story)

    def test_the_sum_stays_true_when_it_is_capped_or_a_rule_is_gone(self):  # CC-13
        self._rule("frequency", "ge", 1, 40, "Buys")
        gone = self._rule("refunds", "le", 5, 30, "Keeps what he buys")
        partner = self._regular()
        self._night()
        care = self._care(partner)
        self.assertEqual(care.health, 100)
        self.assertIn("−20", care.health_story)
        gone.unlink()
        self.env.invalidate_all()
        self.assertIn("deleted since", care.health_story)

    def test_sql_judges_as_the_engine(self):  # CC-13
        made = [
            self._rule("silence", "gt", 2, -20), self._rule("silence", "le", 1, 15),
            self._rule("trend", "lt", 0, -15), self._rule("frequency", "ge", 4, 10),
            self._rule("overdue", "gt", 60, -25), self._rule("monetary", "lt", 3, -5)]
        partners = [self._regular(f"Regular {last}", last) for last in (5, 35, 70)]
        grown = self._create_customer("Grown")
        self._buy(grown, 760, 700, 500, 100, 10, amount=300)
        self._count(grown)
        self._night()
        engine = self.rules.concat(*made)._to_engine()
        self._leave_unpaid(grown, 61)
        self._night()
        for partner in [*partners, grown]:
            care = self._care(partner)
            result = health.judge(engine, self._facts(partner), 50)
            self.assertEqual(care.health_computed, result.score, partner.name)
            self.assertEqual(
                care.health_reasons,
                {"base": 50} | {str(key): points for key, points in result.points.items()})
            self.assertEqual(care.health_level, health.level(result.score, 70, 40))

    def test_only_changed_rows_are_written(self):  # CC-13
        self._rule("silence", "le", 1, 15)
        partner = self._regular()
        self._night()
        step = self.env["care.health"].sudo()
        scope = self._scope(partner)
        self.assertEqual(step._rejudge(self.company, scope, NOW), 0)
        self.assertEqual(step._rejudge(self.company, scope, NOW + timedelta(days=30)), 1)

    def _scope(self, partner):
        return Scope(ids=(partner.id,))

    def test_churned_keeps_the_last_score_and_its_day(self):  # CC-13
        self.company.care_pool_gap = 0
        self._rule("silence", "gt", 2, -35, "Overdue")
        partner = self._regular(last=85)
        self._night()
        care = self._care(partner)
        self.assertEqual((care.status, care.health, care.health_frozen_on), ("lapsed", 15, False))
        later = NOW + timedelta(days=10)
        self._rule("frequency", "ge", 1, -10)
        self._night(later)
        self.assertEqual((care.status, care.health), ("churned", 15))
        self.assertEqual(care.health_frozen_on, care.status_since)
        self.assertIn("Frozen", care.health_note)
        self._create_posted(partner, later.date())
        self._count(partner, now=later)
        self._night(later)
        self.assertEqual(care.health, 40)
        self.assertFalse(care.health_frozen_on)

    def test_churned_before_it_was_measured(self):  # CC-13
        partner = self._create_customer()
        self._buy(partner, 900)
        self._count(partner)
        self._night()
        care = self._care(partner)
        self.assertEqual((care.status, care.health_level), ("churned", False))
        self.assertIn("before health was measured", care.health_note)

    def test_nothing_bought_nothing_judged(self):  # CC-13
        partner = self._create_customer()
        self._credit(self._create_posted(partner, TODAY), TODAY)
        self._count(partner)
        self._night()
        self.assertFalse(self._care(partner).health_level)
        self.assertIn("No purchase yet", self._care(partner).health_note)

    @freeze_time(NOW)
    def test_a_persons_word_stands_until_its_day(self):  # CC-13
        partner = self._regular()
        self._night()
        care = self._care(partner)
        override = self.env["care.health.override"].with_user(self.user).create({
            "partner_id": partner.id, "company_id": self.company.id, "score": 20,
            "reason": "Their new director told me", "date_until": TODAY + timedelta(days=5)})
        self.assertEqual((care.health, care.health_computed, care.health_level), (20, 50, "risk"))
        self.assertEqual((override.user_id, override.computed_then), (self.user, 50))
        self.assertIn("20 by health_user", care.with_user(self.user).health_word.replace(
            self.user.name, "health_user"))
        note = care.message_ids[0]
        self.assertIn("Their new director told me", note.body)
        self.assertEqual(note.author_id, self.user.partner_id)
        self._night(NOW + timedelta(days=5))
        self.assertEqual(care.health, 20)
        self._night(NOW + timedelta(days=6))
        self.assertEqual(care.health, 50)
        self.assertEqual(care.health_override_ids, override.sudo())
        self.env.invalidate_all()
        with freeze_time(NOW + timedelta(days=6)):
            self.assertFalse(care.health_word)

    @freeze_time(NOW)
    def test_a_second_word_ends_the_first_and_can_be_taken_back(self):  # CC-13
        partner = self._regular()
        self._night()
        words = self.env["care.health.override"].with_user(self.user)
        vals = {"partner_id": partner.id, "company_id": self.company.id, "reason": "Because",
                "date_until": TODAY}
        first = words.create(vals | {"score": 10})
        second = words.create(vals | {"score": 90})
        self.assertEqual((first.holds, second.holds), (False, True))
        self.assertEqual(self._care(partner).health, 90)
        second.action_end()
        self.assertEqual(self._care(partner).health, 50)
        self.assertEqual(first.sudo().exists() + second.sudo().exists(), (first + second).sudo())

    @freeze_time(NOW)
    def test_who_may_say_it(self):  # CC-13
        partner = self._regular()
        words = self.env["care.health.override"]
        vals = {"partner_id": partner.id, "company_id": self.company.id, "score": 10,
                "reason": "Because"}
        seller = new_test_user(
            self.env(su=True), "health_seller", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            words.with_user(seller).sudo(False).create(vals)
        with self.assertRaises(AccessError):
            self._care(partner).with_user(seller).sudo(False).action_override_health()
        mine = words.with_user(self.user).sudo(False).create(vals | {"ended_on": days_ago(9)})
        self.assertTrue(mine.holds, "ended by a button, not from the first")
        with self.assertRaises(AccessError):
            mine.score = 99
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaises(ValidationError):
            words.with_user(self.user).create(vals | {"date_until": days_ago(1)})
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            words.with_user(self.user).sudo(False).create(vals | {"company_id": other.id})

    def test_a_company_has_rules_of_its_own(self):  # CC-13
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self._rule("frequency", "ge", 1, 20, company_id=other.id)
        partner = self._regular()
        self._night()
        self.assertEqual(self._care(partner).health, 50)

    def test_more_rules_than_one_object_takes(self):  # CC-13
        for number in range(55):
            self._rule("frequency", "ge", 1, 1, f"Rule {number}")
        partner = self._regular()
        self._night()
        self.assertEqual(len(self._care(partner).health_reasons), 56)

    @freeze_time(NOW)
    def test_tile_counts_levels_and_leaves_out_who_left(self):  # CC-13
        self._rule("silence", "gt", 2, -35)
        partners = [self._regular("Good"), self._regular("Late", last=110)]
        self.company.care_pool_gap = 0
        self._night()
        board = self.env["care.dashboard"].with_user(self.user).sudo(False)
        tile = board._dashboard_health(board._get_scope("last_12"))
        levels = [self._care(partner).health_level for partner in partners]
        self.assertEqual(levels, ["watch", False])
        self.assertEqual(tile["figure"], "0 of 1 at risk")
        self.assertEqual(tile["chart"]["series"][0]["values"], [0, 1, 0])
        self.assertEqual(
            self.customers.search(tile["chart"]["actions"][1]["domain"]).partner_id, partners[0])

    def test_a_risk_that_the_status_does_not_show_is_advised(self):  # CC-13
        self._rule("frequency", "ge", 1, -40)
        partner = self._regular()
        self._night()
        care = self._care(partner)
        self.assertEqual((care.status, care.health_level), ("active", "risk"))
        with freeze_time(NOW):
            self.assertIn("Health is at risk", care.advice)

    @freeze_time(NOW)
    def test_the_word_stands_in_the_story(self):  # CC-1
        partner = self._regular()
        self._night()
        self.env["care.health.override"].with_user(self.user).create({
            "partner_id": partner.id, "company_id": self.company.id, "score": 20,
            "reason": "Their new director told me"})
        page = self._care(partner).with_user(self.user).sudo(False).get_timeline(only="health")
        self.assertEqual([entry["detail"] for entry in page["entries"]],
                         ["Their new director told me"])

import random
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.customer_care.engine import affinity
from odoo.addons.customer_care.models import care_affinity, care_affinity_count
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .affinity_common import AffinityCommon
from .common import NOW, TODAY, days_ago


@tagged("post_install", "-at_install")
class TestAffinity(AffinityCommon):
    """Which products the same customers buy, and how sure that is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._draw_cast()

    def test_hand_numbers_of_a_pair(self):  # CC-16
        self._night()
        pair = self._pair(self.machine, self.filter)
        self.assertEqual(
            (pair.customers_all, pair.customers_with, pair.customers_other, pair.customers),
            (25, 13, 8, 8))
        self.assertAlmostEqual(pair.customer_share, 8 / 13, 4)
        self.assertAlmostEqual(pair.customer_lift, 8 * 25 / (13 * 8), 4)
        self.assertEqual((pair.waiting, pair.later, pair.chance_known), (12, 8, True))
        self.assertAlmostEqual(pair.chance, 8 / 12, 4)
        self.assertEqual((pair.price, pair.expected_value), (30, 20))
        self.assertEqual((pair.kind, pair.origin, pair.counted_on), ("cross", "measured", TODAY))
        # 13 machines, 8 filters and 12 teas, never two on one day
        self.assertEqual(
            (pair.baskets_all, pair.baskets_with, pair.baskets_other, pair.baskets),
            (33, 13, 8, 0))
        self.assertIn("8 of 13", pair.story)
        self.assertIn("8 bought it within 180 days", pair.story)

    def test_the_other_way_nobody_could_follow(self):  # CC-16
        self._night()
        back = self._pair(self.filter, self.machine)
        self.assertEqual((back.customers_with, back.customers, back.waiting), (8, 8, 0))
        self.assertFalse(back.chance_known)
        self.assertIn("Too few to tell a chance: 0", back.story)

    def test_what_everybody_has_goes_with_nothing(self):  # CC-16
        for partner in [*self.followers, *self.others, *self.drinkers, self.target]:
            self._basket(partner, 10, self.product_a)
        self._night()
        self.assertTrue(self._pair(self.machine, self.filter))
        self.assertFalse(self._pair(self.machine, self.product_a))
        self.assertFalse(self._pair(self.filter, self.product_a))

    def test_too_little_says_so(self):  # CC-16
        with patch.object(care_affinity_count, "MIN_BASKETS", 200), \
                patch.object(care_affinity, "MIN_BASKETS", 200):
            self._night()
            self.assertFalse(self._pair(self.machine, self.filter))
            words = self.affinities.with_company(self.company).get_empty_list_help("<p>Help</p>")
        self.assertIn("fewer than 200 baskets", words)
        self.assertIn("33", words)

    def test_a_returned_purchase_is_in_no_pair(self):  # CC-16
        bought = self.env["account.move"].search([
            ("partner_id", "in", [one.id for one in self.followers]),
            ("invoice_date", "=", days_ago(270))])
        for move in bought[:4]:
            self._credit(move, days_ago(260))
        self._night()
        self.assertFalse(self._pair(self.machine, self.filter), "four are fewer than five")

    def test_a_part_that_runs_twice_is_counted_once(self):  # RELIABILITY 1
        self._night("products")
        tally = self.env["care.affinity.tally"].sudo()
        tally._begin(self.company)
        tally._add(self.company, self._all(), TODAY)
        once = tally._pairs(self.company)
        tally._add(self.company, self._all(), TODAY)
        self.assertTrue(once)
        self.assertEqual(tally._pairs(self.company), once)

    def test_parts_add_up_to_the_whole(self):  # P-11
        self._night("products")
        tally, whole = self.env["care.affinity.tally"].sudo(), self._all()
        tally._begin(self.company)
        tally._add(self.company, whole, TODAY)
        expected = tally._pairs(self.company)
        tally._begin(self.company)
        for after, until in ((0, self.followers[3].id), (self.followers[3].id, whole.until)):
            tally._add(self.company, type(whole)(after=after, until=until), TODAY)
        self.assertEqual(tally._pairs(self.company), expected)

    def test_old_pairs_stand_until_the_new_ones_do(self):  # CC-16
        self._night()
        old = self._pair(self.machine, self.filter)
        tally = self.env["care.affinity.tally"].sudo()
        tally._begin(self.company)
        self.assertEqual(self._pair(self.machine, self.filter), old)
        self._night("affinity", now=NOW + timedelta(days=7))
        self.assertEqual(self._pair(self.machine, self.filter), old, "the row is kept")
        self.assertEqual(old.counted_on, TODAY + timedelta(days=7))
        self.company.care_affinity_customers = 9
        self._night("affinity")
        self.assertFalse(old.exists())
        self.assertFalse(tally.search([("company_id", "=", self.company.id)]))

    def test_a_reseller_is_left_out_and_counted(self):  # CC-16
        with patch("odoo.addons.customer_care.models.care_affinity_tally.RESELLER", 1):
            self._night()
        self.assertEqual(self.company.care_affinity_left_out, 8)
        self.assertEqual(self.company.care_affinity_buyers, 17)
        self.assertFalse(self._pair(self.machine, self.filter))

    def test_chosen_pairs_show_what_was_counted(self):  # CC-16
        self.machine.product_tmpl_id.care_upsell_ids = self.filter.product_tmpl_id
        self.tea.product_tmpl_id.optional_product_ids = self.machine.product_tmpl_id
        nobody = self.env["product.product"].create({"name": "New model", "list_price": 70})
        self.machine.product_tmpl_id.care_upsell_ids += nobody.product_tmpl_id
        self._night()
        pair = self._pair(self.machine, self.filter)
        self.assertEqual((pair.origin, pair.kind, pair.customers, pair.later),
                         ("chosen", "up", 8, 8))
        pair = self._pair(self.tea, self.machine)
        self.assertEqual((pair.origin, pair.kind, pair.customers), ("chosen", "cross", 0))
        self.assertEqual((pair.waiting, pair.later, pair.chance), (12, 0, 0))
        pair = self._pair(self.machine, nobody)
        self.assertEqual((pair.customers_with, pair.chance_known, pair.price), (0, False, 70))
        self.assertIn("too few customers", pair.story)

    def test_the_dearer_one_of_the_same_category_is_an_up_sell(self):  # CC-16
        for partner in self.followers:
            self._basket(partner, 250, self.product_a, price=60)
        self.product_a.categ_id = self.filter.categ_id
        self._night()
        self.assertEqual(self._pair(self.filter, self.product_a).kind, "up")
        self.assertEqual(self._pair(self.product_a, self.filter).kind, "cross")

    def test_variants_are_one_product_or_two(self):  # CC-16
        attribute = self.env["product.attribute"].create({
            "name": "Colour", "value_ids": [(0, 0, {"name": "red"}), (0, 0, {"name": "blue"})]})
        cup = self.env["product.template"].create({
            "name": "Cup", "attribute_line_ids": [(0, 0, {
                "attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]})]})
        red, blue = cup.product_variant_ids
        for n, partner in enumerate(self.followers):
            self._basket(partner, 200, red if n % 2 else blue)
        self._night()
        self.assertEqual(self._pair(self.machine, red).customers, 8)
        self.company.write({"care_affinity_level": "variant", "care_affinity_customers": 4})
        self._night()
        pairs = self._pair(self.filter, red)
        self.assertEqual(pairs.other_id, red | blue)
        self.assertEqual(set(pairs.mapped("customers")), {4})
        self.assertEqual(set(pairs.mapped("level")), {"variant"})

    def test_companies_do_not_mix(self):  # CC-16, ALL-4
        other = self.setup_other_company(name="Second House")["company"]
        self._night()
        self._night(company=other)
        self.assertFalse(self.affinities.search([("company_id", "=", other.id)]))
        stranger = new_test_user(
            self.env(su=True), "pairs_stranger", company_id=other.id,
            company_ids=[(6, 0, other.ids)], groups="customer_care.group_customer_care_user")
        theirs = self.env["care.affinity"].with_user(stranger).sudo(False)
        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.action_count_again()

    def test_the_count_is_told_to_who_may_see_it(self):  # ALL-4
        for group in ("base.group_portal", "base.group_user"):
            person = new_test_user(self.env(su=True), f"pairs_{group[-5:]}", groups=group)
            with self.assertRaises(AccessError):
                self.env["care.affinity"].with_user(person).sudo(False).get_empty_list_help("")


@tagged("post_install", "-at_install")
class TestAffinityCounts(AffinityCommon):
    """Other purchases than those of the cast."""

    def test_support_confidence_and_lift_by_basket(self):  # CC-16
        """Both on 6 of 16 days: support 6/16, confidence 6/8, lift (6/8) / (6/16) = 2."""
        for n in range(6):
            self._basket(self._create_customer(f"Both {n}"), 30, self.machine, self.filter)
        for n in range(2):
            self._basket(self._create_customer(f"One {n}"), 30, self.machine)
        for n in range(8):
            self._basket(self._create_customer(f"None {n}"), 30, self.tea)
        self._night()
        pair = self._pair(self.machine, self.filter)
        self.assertEqual((pair.support, pair.confidence, pair.lift), (6 / 16, 6 / 8, 2))

    def test_one_customer_with_many_baskets_proves_nothing(self):  # CC-16
        """Thirty baskets of both by one customer: by basket a great lift, by customer luck."""
        regular = self._create_customer("Regular")
        for ago in range(1, 31):
            self._basket(regular, ago, self.machine, self.filter)
        for n in range(10):
            self._basket(self._create_customer(f"Tea {n}"), 30, self.tea)
        self.company.care_affinity_customers = 1
        self._night()
        self.assertFalse(self._pair(self.machine, self.filter))

    def test_sql_counts_what_the_engine_counts(self):  # CC-16
        luck = random.Random(16)
        products = [self.machine, self.filter, self.tea, self.product_a]
        rows = []
        for n in range(14):
            buyer = self._create_customer(f"Buyer {n}")
            for _basket in range(luck.randrange(1, 4)):
                ago, some = luck.randrange(1, 400), luck.sample(products, luck.randrange(1, 4))
                self._basket(buyer, ago, *some)
                rows += [(buyer.id, days_ago(ago), one.product_tmpl_id.id) for one in some]
        self.company.write({"care_affinity_customers": 1, "care_affinity_days": 120})
        self._night("products")
        tally = self.env["care.affinity.tally"].sudo()
        tally._begin(self.company)
        tally._add(self.company, self._all(), TODAY)
        oracle = affinity.count_pairs(rows, TODAY, 120)
        found = {(a, b): pair for a, b, *_counts, pair in tally._pairs(self.company)}
        self.assertEqual(found, oracle)
        self.assertEqual(tally._totals(self.company)[:2], (
            len({row[:2] for row in rows}), len({row[0] for row in rows})))

    @mute_logger("odoo.sql_db")
    def test_settings_ask_for_a_new_count(self):  # CC-16
        self.nights.search([]).unlink()
        self.company.care_affinity_lift = 2
        self.assertEqual(
            set(self.nights.search([("company_id", "=", self.company.id)]).mapped("step")),
            {"affinity", "proposals"})

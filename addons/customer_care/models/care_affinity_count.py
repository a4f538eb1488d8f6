from datetime import date

from odoo import api, models
from odoo.addons.customer_care.engine import affinity
from odoo.tools import SQL

from .care_affinity import MIN_BASKETS

#: A product of the same category at this multiple of the price per unit is the better one.
DEARER = 1.2
#: Of the pairs found, so many may be luck.
LUCK = 0.05


class CareAffinityCount(models.AbstractModel):
    """How the counts of a week become pairs that can be shown and proposed."""

    _name = "care.affinity.count"
    _description = "Judgement of pairs"

    @api.model
    def _settle(self, company, today: date) -> None:
        """Judge what was counted, and put it in the place of the old pairs."""
        tally = self.env["care.affinity.tally"]
        baskets, customers, left_out, products = tally._totals(company)
        found = self._find(company, tally, products) if baskets >= MIN_BASKETS else []
        rows = self._prepare_measured(company, found)
        chosen = self._prepare_chosen(company, tally)
        rows = {self._key(row): row for row in rows} | {
            # A pair that was chosen and found is both: chosen says where it comes from.
            self._key(row): row for row in chosen}
        for row in rows.values():
            row["counted_on"] = str(today)
        self.env["care.affinity"]._replace(company, list(rows.values()))
        tally._end(company)
        company.write({
            "care_affinity_baskets": baskets, "care_affinity_buyers": customers,
            "care_affinity_left_out": left_out, "care_affinity_on": today})

    def _key(self, row):
        return row["level"], row["item_ref"], row["other_ref"]

    def _find(self, company, tally, products: int) -> list[tuple]:
        """The pairs that are more than luck, the surest first."""
        judged = [
            (a, b, by_basket, by_customer, pair, affinity.judge(by_customer))
            for a, b, by_basket, by_customer, pair in tally._pairs(company)]
        # both ways are one question
        limit = affinity.borderline(
            [one[-1].luck for one in judged[::2]], products * (products - 1) // 2, LUCK)
        kept = [one for one in judged
                if one[-1].luck <= limit and one[-1].lift >= company.care_affinity_lift]
        kept.sort(key=lambda one: (-one[-1].low, one[0], one[1]))
        return kept[:company.care_affinity_pairs]

    def _prepare_measured(self, company, found) -> list[dict]:
        level = company.care_affinity_level
        items = {item for one in found for item in one[:2]}
        prices = self._query_prices(company, items, level)
        products = self._get_products(items, level)
        rows = []
        for a, b, by_basket, by_customer, pair, judged in found:
            if a in products and b in products:
                rows.append(self._prepare_row(
                    company, level, a, b, products, prices,
                    origin="measured", kind=self._judge_kind(a, b, products, prices),
                ) | self._prepare_counts(company, by_basket, by_customer, pair, judged))
        return self._price_rows(rows)

    def _prepare_chosen(self, company, tally) -> list[dict]:
        """The pairs of the products' own lists, with what was counted of them."""
        chosen = self.env["product.template"]._care_chosen_pairs(company)
        items = {item for pair in chosen for item in pair}
        prices = self._query_prices(company, items, "template")
        products = self._get_products(items, "template")
        counts = {}
        if chosen and company.care_affinity_level == "template":
            counts = {(a, b): rest for a, b, *rest in tally._pairs(company, list(chosen))}
        rows = []
        for (a, b), kind in chosen.items():
            row = self._prepare_row(
                company, "template", a, b, products, prices, origin="chosen", kind=kind)
            if (a, b) in counts:
                by_basket, by_customer, pair = counts[a, b]
                row |= self._prepare_counts(
                    company, by_basket, by_customer, pair, affinity.judge(by_customer))
            rows.append(row)
        return self._price_rows(rows)

    def _get_products(self, items, level):
        """{item: product} of those that are still there."""
        model = "product.product" if level == "variant" else "product.template"
        return {product.id: product for product in self.env[model].browse(items).exists()}

    def _judge_kind(self, a, b, products, prices) -> str:
        unit_a, unit_b = (prices.get(item, (0, 0))[1] for item in (a, b))
        same = products[a].categ_id == products[b].categ_id
        return "up" if same and unit_a and unit_b and unit_b >= DEARER * unit_a else "cross"

    def _prepare_row(self, company, level, a, b, products, prices, **vals) -> dict:
        variant = level == "variant"
        first, other = products[a], products[b]
        return {
            "level": level, "item_ref": a, "other_ref": b,
            "product_tmpl_id": first.product_tmpl_id.id if variant else a,
            "other_tmpl_id": other.product_tmpl_id.id if variant else b,
            "product_id": a if variant else None, "other_id": b if variant else None,
            "window_days": company.care_affinity_days, "waiting": 0, "later": 0,
            "chance": None, "chance_known": False, "customers": 0, "customers_with": 0,
            "lift_low": 0,
            "price": prices[b][0] if b in prices else other.lst_price if variant
            else other.list_price,
        } | vals

    def _prepare_counts(self, company, by_basket, by_customer, pair, judged) -> dict:
        followed = affinity.Share(pair.later, pair.waiting)
        chance = affinity.chance(followed, company.care_affinity_customers)
        basket = affinity.judge(by_basket)
        return {
            "baskets_all": by_basket.total, "baskets_with": by_basket.a,
            "baskets_other": by_basket.b, "baskets": by_basket.both,
            "support": basket.support, "confidence": basket.confidence, "lift": basket.lift,
            "customers_all": by_customer.total, "customers_with": by_customer.a,
            "customers_other": by_customer.b, "customers": by_customer.both,
            "customer_share": judged.confidence, "customer_lift": judged.lift,
            "lift_low": judged.low, "lift_high": judged.high if by_customer.both else None,
            "waiting": pair.waiting, "later": pair.later, "chance": chance,
            "chance_known": chance is not None,
        }

    def _price_rows(self, rows) -> list[dict]:
        for row in rows:
            # unknown sorts last
            row["expected_value"] = row["price"] * row["chance"] if row["chance_known"] else 0
        return rows

    def _query_prices(self, company, items, level) -> dict[int, tuple[float, float]]:
        """{item: (mean money of a purchase, mean money of a unit)}. Index product_id."""
        item = SQL("v.id") if level == "variant" else SQL("v.product_tmpl_id")
        rows = self.env.execute_query(SQL(
            """SELECT %(item)s, (SUM(h.revenue) / SUM(h.purchases))::float8,
                      SUM(h.revenue)::float8 / NULLIF(SUM(h.quantity), 0)
                 FROM product_product v JOIN care_product_history h ON h.product_id = v.id
                WHERE h.company_id = %(company)s AND %(item)s = ANY(%(items)s)
             GROUP BY 1 HAVING SUM(h.revenue) > 0""",
            item=item, company=company.id, items=list(items)))
        return {item: (price, unit or 0) for item, price, unit in rows}

"""Deals with dates, for the stories about figures."""

from odoo import fields

from .common import SalesDeskCase

JANUARY, FEBRUARY, MARCH = "2026-01-15 10:00:00", "2026-02-16 10:00:00", "2026-03-16 10:00:00"


class FiguresCase(SalesDeskCase):
    """The cast of the Sales Desk with a lost reason that stands for "no real deal"."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spam = cls.env.ref("sales_automation.lost_reason_spam")

    def _win(self, deals, moment):
        with self.at(moment):
            deals.write({"stage_id": self.stage_won.id})

    def _lose(self, deals, moment, reason=None):
        with self.at(moment):
            deals.action_set_lost(lost_reason_id=(reason or self.too_dear).id)

    def _win_rate_case(self, **kw):
        """100 of January: 3 won, 7 lost (2 spam), then 2 to "not now", 1 reopened and won."""
        with self.at(JANUARY):
            deals = self._create_deals(100, **kw)
        self._win(deals[:3], FEBRUARY)
        self._lose(deals[3:8], FEBRUARY)
        self._lose(deals[8:10], FEBRUARY, self.spam)
        self._lose(deals[10:12], MARCH, self.not_now)
        with self.at("2026-03-10 10:00:00"):
            deals[3].action_restore()
        with self.at(MARCH):
            deals[3].write({"stage_id": self.stage_won.id, "expected_revenue": 4000.0})
        return deals

    def _order(self, deal, date, price, product=None):
        """Confirm an order of the deal; orders and deals agree about money no further."""
        product = product or self.env["product.product"].create({"name": "Grinder"})
        deal.partner_id = deal.partner_id or self.env["res.partner"].create({"name": "Plant"})
        order = self.env["sale.order"].create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id,
            "order_line": [fields.Command.create({
                "product_id": product.id, "product_uom_qty": 1, "price_unit": price})]})
        order.action_confirm()
        order.date_order = date
        return order

    def _group(self, model, domain, groupby, measures, user=None):
        """What the pivot asks the server for: {group's name: (measures…)}, and the groups."""
        records = self.env[model].with_user(user or self.max)
        groups = records.formatted_read_group(domain, [groupby] if groupby else [], measures)
        return {
            self._name_of(group.get(groupby)): tuple(group[measure] for measure in measures)
            for group in groups}, groups

    def _name_of(self, key):
        return key[1] if isinstance(key, tuple | list) else key

    def assertOpensWhatItCounts(self, model, domain, groupby, measure, user=None):
        """Each figure of the pivot is the sum over the records behind a click on it."""
        records = self.env[model].with_user(user or self.max)
        groups = records.formatted_read_group(domain, [groupby], ["__count", f"{measure}:sum"])
        self.assertTrue(groups)
        for group in groups:
            behind = records.search([*domain, *group["__extra_domain"]])
            self.assertEqual(len(behind), group["__count"])
            self.assertAlmostEqual(sum(behind.mapped(measure)), group[f"{measure}:sum"])
        total = records.search(domain)
        self.assertAlmostEqual(
            sum(total.mapped(measure)), sum(group[f"{measure}:sum"] for group in groups))

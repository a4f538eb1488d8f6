from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import SalesDeskCase


@tagged("post_install", "-at_install")
class TestForecastCategory(SalesDeskCase):
    """What a deal counts as: its stage's word, until a person gives his own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage_offer.forecast_category = "best_case"

    def _search(self, deals, category):
        return deals.with_context(active_test=False).search(
            [("id", "in", deals.ids), ("forecast_category", "=", category)])

    def test_it_follows_the_stage(self):  # SA-11
        deal = self._create_deal()
        self.assertEqual(deal.forecast_category, "pipeline")
        deal.stage_id = self.stage_offer
        self.assertEqual(deal.forecast_category, "best_case")
        self.stage_offer.forecast_category = "commit"
        self.assertEqual(deal.forecast_category, "commit")
        deal.action_set_won()
        self.assertEqual(deal.forecast_category, "closed")

    def test_a_person_chooses_and_signs(self):  # SA-11
        deal = self._create_deal()
        deal.with_user(self.ines).forecast_category = "commit"
        self.assertEqual(deal.forecast_category_manual, "commit")
        self.assertEqual(deal.forecast_category_by_id, self.ines)
        deal.stage_id = self.stage_offer
        self.assertEqual(deal.forecast_category, "commit", "the choice stays")
        deal.with_user(self.ines).action_set_forecast_category("best_case")
        self.assertFalse(deal.forecast_category_manual, "as the stage says: it follows again")
        self.assertFalse(deal.forecast_category_by_id)

    def test_lost_and_asleep_count_nothing(self):  # SA-11
        lost, asleep, paused = deals = self._create_deals(3, forecast_category_manual="commit")
        lost.action_set_lost(lost_reason_id=self.too_dear.id)
        self._put_off(asleep, fields.Date.add(fields.Date.today(), days=9))
        paused.active = False
        self.assertEqual(set(deals.mapped("forecast_category")), {"omitted"})
        lost.action_restore()
        self.assertEqual(lost.forecast_category, "commit")

    def test_closed_cannot_be_chosen(self):  # SA-11
        with self.assertRaisesRegex(UserError, "only won deals are Closed"):
            self._create_deal().forecast_category = "closed"
        with self.assertRaisesRegex(ValidationError, "won stages"):
            self.stage_offer.forecast_category = "closed"
        with self.assertRaisesRegex(ValidationError, "won stages"):
            self.stage_won.forecast_category = "commit"
        self.stage_offer.is_won = True
        self.assertEqual(self.stage_offer.forecast_category, "closed")

    def test_search_and_group_agree_with_the_form(self):  # SA-11
        deals = self._create_deals(6)
        deals[1].stage_id = self.stage_offer
        deals[2].forecast_category = "commit"
        deals[3].action_set_won()
        deals[4].action_set_lost(lost_reason_id=self.too_dear.id)
        deals[5].forecast_category = "omitted"
        told = {category: self._search(deals, category) for category in (
            "pipeline", "best_case", "commit", "closed", "omitted")}
        self.assertEqual(told, deals.grouped("forecast_category"))
        rows = deals.with_context(active_test=False)._read_group(
            [("id", "in", deals.ids)], ["forecast_category"], ["__count"])
        self.assertEqual(dict(rows), {
            "pipeline": 1, "best_case": 1, "commit": 1, "closed": 1, "omitted": 2})
        others = deals.with_context(active_test=False).search(
            [("id", "in", deals.ids), ("forecast_category", "not in", ["omitted", "closed"])])
        self.assertEqual(others, deals[:3])
        self.assertTrue(deals.fields_get(["forecast_category"])["forecast_category"]["groupable"])

    def test_nobody_signs_for_another(self):  # ALL-4
        with self.assertRaises(AccessError):
            self._create_deal().with_user(self.ines).forecast_category_by_id = self.finn

    def test_stages_at_installation(self):  # SA-11
        stages = self.env["crm.stage"]
        stages.search([("id", "not in", self._create_deal().stage_id.ids)]).write(
            {"sequence": 0, "forecast_category": "pipeline", "is_won": False})
        self.env.flush_all()
        self.env.execute_query(stages._query_init_categories())
        self.env.invalidate_all()
        order = stages.search([("is_won", "=", False)], order="sequence desc, id desc")
        self.assertEqual(order[:3].mapped("forecast_category")[:2], ["commit", "best_case"])
        self.assertEqual(set(order[2:].mapped("forecast_category")), {"pipeline"})

    def test_a_plain_save_asks_nothing_more(self):  # SA-11: core's own queries, no other
        deal = self._create_deal()
        self.env.flush_all()
        deal.description = "warm"
        self.env.flush_all()
        with self.assertQueryCount(1):
            deal.write({"description": "warmer"})
            self.env.flush_all()

    def test_form_offers_it(self):  # SA-11
        with Form(self._create_deal().with_user(self.ines)) as form:
            form.forecast_category = "commit"
        self.assertEqual(form.record.forecast_category_manual, "commit")

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesDeskCase

D = fields.Date.to_date


@tagged("post_install", "-at_install")
class TestSlip(SalesDeskCase):
    """Closing dates that move to a later day leave a trace."""

    def _deal(self, date="2026-03-31", **kw):
        with self.at("2026-03-02 09:00:00"):
            return self._create_deal(date_deadline=date, **kw)

    def _move(self, deal, moment, date, user=None):
        with self.at(moment):
            deal.with_user(user or self.ines).write({"date_deadline": date})

    def _figures(self, deal):
        self.env.invalidate_all()
        return (deal.slip_count, deal.slip_days, str(deal.date_deadline_initial))

    def test_each_move_later_is_a_row(self):  # SA-6
        deal = self._deal()
        self.assertEqual(self._figures(deal), (0, 0, "2026-03-31"))
        self._move(deal, "2026-03-10 09:00:00", "2026-04-30")
        self._move(deal, "2026-03-12 09:00:00", "2026-04-20")
        self._move(deal, "2026-03-15 09:00:00", "2026-05-20")
        self.assertEqual(self._figures(deal), (2, 60, "2026-03-31"))
        self.assertEqual(
            [(row.old_date, row.new_date, row.days, row.changed_by_id, row.user_id)
             for row in deal.slip_ids.sorted("id")],
            [(D("2026-03-31"), D("2026-04-30"), 30, self.ines, self.ines),
             (D("2026-04-20"), D("2026-05-20"), 30, self.ines, self.ines)])

    def test_moves_of_one_day_count_once(self):  # SA-6
        deal = self._deal()
        self._move(deal, "2026-03-10 09:00:00", "2026-04-30")
        self._move(deal, "2026-03-10 11:00:00", "2026-05-31")
        self.assertEqual(self._figures(deal)[:2], (1, 61))
        self._move(deal, "2026-03-10 12:00:00", "2026-05-31", self.lea)
        self._move(deal, "2026-03-10 13:00:00", "2026-06-01", self.lea)
        self.assertEqual(self._figures(deal)[:2], (2, 62), "another person is another move")
        self._move(deal, "2026-03-10 15:00:00", "2026-03-31", self.lea)
        self.assertEqual(self._figures(deal)[:2], (1, 61), "led nowhere")

    def test_emptying_the_date_hides_nothing(self):  # SA-6
        deal = self._deal()
        self._move(deal, "2026-03-10 09:00:00", False)
        self._move(deal, "2026-03-11 09:00:00", "2026-04-10")
        self.assertEqual(self._figures(deal)[:2], (1, 10))

    def test_leads_and_closed_deals_do_not_slip(self):  # SA-6
        won = self._deal(stage_id=self.stage_won.id)
        self._move(won, "2026-03-10 09:00:00", "2026-04-30")
        self.assertFalse(won.slip_ids)

    def test_a_batch_is_written_at_once(self):  # SA-6
        deals = self.env["crm.lead"].concat(*[self._deal(f"2026-03-{day}") for day in (10, 20, 30)])
        self._move(deals, "2026-03-05 09:00:00", "2026-03-25")
        self.env.invalidate_all()
        self.assertEqual([(d.slip_count, d.slip_days) for d in deals], [(1, 15), (1, 5), (0, 0)])

    def test_a_first_date_is_no_slip(self):  # SA-6
        deal = self._deal(False)
        self._move(deal, "2026-03-10 09:00:00", "2026-04-30")
        self.assertEqual(self._figures(deal), (0, 0, "2026-04-30"))

    def test_merge_keeps_but_does_not_count(self):  # SA-6
        one, other = self._deal(), self._deal()
        for deal in (one, other):
            self._move(deal, "2026-03-10 09:00:00", "2026-04-30")
        (one | other).merge_opportunity()
        survivor = (one | other).exists()
        self.assertEqual((len(survivor.slip_ids), survivor.slip_count), (2, 1))

    def test_rights(self):  # SA-6
        deal = self._deal(user_id=self.finn.id)
        self._move(deal, "2026-03-10 09:00:00", "2026-04-30", self.finn)
        slip = deal.slip_ids
        self.assertEqual(self.env["sales.slip"].with_user(self.finn).search(
            [("lead_id", "=", deal.id)]), slip)
        self.assertFalse(self.env["sales.slip"].with_user(self.ines).search(
            [("lead_id", "=", deal.id)]))
        lina = self._create_user("lina", "sales_team.group_sale_salesman")
        deal.team_id.user_id = lina
        self.assertEqual(
            self.env["sales.slip"].with_user(lina).search([("lead_id", "=", deal.id)]), slip,
            "a leader without rights on all documents reads his team's")
        with self.assertRaises(AccessError):
            deal.with_user(self.finn).write({"slip_count": 0})
        with self.assertRaises(AccessError):
            slip.with_user(self.max).write({"days": 0})

    def test_backfill_of_the_first_date(self):  # SA-6
        deal = self._deal()
        deal.sudo().date_deadline_initial = False
        self.env["crm.lead"]._backfill_slips(deal.ids)
        self.assertEqual(self._figures(deal), (0, 0, "2026-03-31"))

    def test_a_plain_save_asks_nothing(self):  # P-8
        deal = self._deal()
        self.env.flush_all()
        deal.mapped("description")
        with self.assertQueryCount(1):  # the UPDATE itself
            deal.write({"description": "Wants it in blue"})
            deal.flush_recordset()

    def test_a_moved_date_costs_as_much_for_one_as_for_ten(self):  # P-8
        def cost(deals, date):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._move(deals, "2026-03-10 09:00:00", date)
            return self.env.cr.sql_log_count - before

        deals = self.env["crm.lead"].concat(*[self._deal() for _each in range(10)])
        cost(deals[0], "2026-04-01")
        self.assertLessEqual(cost(deals, "2026-04-03"), cost(deals[0], "2026-04-02") + 1)

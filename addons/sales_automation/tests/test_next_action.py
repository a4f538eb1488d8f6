from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import SalesDeskCase

NOW = "2026-03-10 09:00:00"
TODAY = fields.Date.to_date("2026-03-10")


@tagged("post_install", "-at_install")
class TestNextAction(SalesDeskCase):
    """An open deal always has a next step, or says that it has none."""

    def _deal(self, days=None, **kw):
        deal = self._create_deal(**kw)
        if days is not None:
            deal.activity_schedule(
                "mail.mail_activity_data_call", TODAY + timedelta(days=days), user_id=self.ines.id)
        return deal

    def test_search_is_what_is_shown(self):  # SA-5
        self.stage_inside.require_next_action = False
        with self.at(NOW):
            cast = {
                "none": self._deal(), "today": self._deal(0), "ahead": self._deal(5),
                "overdue": self._deal(-1), "met": self._deal(), "over": self._deal(),
                "not asked": self._deal(stage_id=self.stage_inside.id),
                "won": self._deal(stage_id=self.stage_won.id)}
            done = self._deal(3)
            done.activity_ids.action_feedback("ok")
            cast["done"] = done
            for name, start in (("met", "2026-03-12 09:00:00"), ("over", "2026-03-09 09:00:00")):
                self.env["calendar.event"].create({
                    "name": name, "start": start, "opportunity_id": cast[name].id,
                    "stop": fields.Datetime.to_datetime(start) + timedelta(hours=1)})
            deals = self.env["crm.lead"].union(*cast.values())
            self.env.invalidate_all()
            planned = {name for name, deal in cast.items() if deal.has_next_action}
            self.assertEqual(planned, {"today", "ahead", "met"})
            missing = {name for name, deal in cast.items() if deal.next_action_missing}
            self.assertEqual(missing, {"none", "overdue", "over", "done"})
            for field in ("has_next_action", "next_action_missing"):
                for value in (True, False):
                    self.assertEqual(
                        deals.search([("id", "in", deals.ids), (field, "=", value)]),
                        deals.filtered(lambda d, f=field, v=value: d[f] == v).sorted(), field)

    def test_setting_turns_it_off(self):  # SA-5
        self.env.company.sales_next_action = False
        with self.at(NOW):
            deal = self._deal()
            self.assertFalse(deal.next_action_missing)
            deal.company_id = self.env.company
            self.assertNotIn(deal, deal.search([("next_action_missing", "=", True)]))

    def test_the_deals_company_decides(self):  # SA-5: one answer for screen, list and health
        quiet = self.env["res.company"].create({"name": "Quiet", "sales_next_action": False})
        theirs = self._create_user(
            "quentin", "sales_team.group_sale_salesman", company_id=quiet.id,
            company_ids=[fields.Command.set(quiet.ids)])
        with self.at(NOW):
            deals = self._create_deal(user_id=theirs.id, team_id=False, company_id=False) \
                | self._create_deal(company_id=False)
            self.env.flush_all()
            shown = [deal.next_action_missing for deal in deals]
            found = deals.search([("id", "in", deals.ids), ("next_action_missing", "=", True)])
            facts = self.env.execute_query_dict(deals._query_open_facts(
                fields.Datetime.now(), deals._query_among(deals.ids)))
        self.assertEqual(shown, [False, True])
        self.assertEqual(found, deals[1])
        self.assertEqual({row["lead_id"]: row["asks_step"] for row in facts},
                         {deals[0].id: False, deals[1].id: True})

    def test_one_query_for_a_page(self):  # SA-5
        deals = self._create_deals(20)
        self.env.flush_all()
        for count in (2, 20):
            page = deals[:count]
            page.mapped("stage_id.require_next_action")
            page.mapped("sales_outcome")
            self.env.company.sales_next_action  # noqa: B018
            page.invalidate_recordset(["has_next_action", "next_action_missing"])
            with self.assertQueryCount(1):
                page.mapped("next_action_missing")

    def test_plan_button(self):  # SA-5
        deal = self._deal()
        action = deal.with_user(self.ines).action_plan_next_step()
        self.env["mail.activity.schedule"].with_user(self.ines).with_context(
            **action["context"]).create({
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "date_deadline": fields.Date.today() + timedelta(days=2),
            }).action_schedule_activities()
        deal.invalidate_recordset()
        self.assertTrue(deal.has_next_action)

    def test_figures_by_hand(self):  # SA-5
        with self.at(NOW):
            deals = self._deal(5, expected_revenue=600) | self._deal(expected_revenue=300) \
                | self._deal(-4, expected_revenue=100) | self._deal(-2, expected_revenue=0) \
                | self._deal(5, expected_revenue=9999, stage_id=self.stage_won.id)
            self.env.flush_all()
            figures = deals._next_action_figures([("id", "in", deals.ids)])
            self.assertEqual(figures, {
                "open_count": 4, "open_value": 1000.0, "planned_count": 1,
                "planned_value": 600.0, "share": 0.6, "overdue_days": 3.0})
            report = self.env["sales.discipline.report"]
            rows = report._read_group([("lead_id", "in", deals.ids)], [], [
                "deal_count:sum", "planned_count:sum", "amount:sum", "planned_amount:sum",
                "overdue_days:avg"])
            self.assertEqual(rows, [(4, 1, 1000.0, 600.0, 3.0)])
            self.assertFalse(report.with_user(self.finn).search([("lead_id", "in", deals.ids)]))
            self.assertEqual(len(report.with_user(self.ines).search(
                [("lead_id", "in", deals.ids)])), 4)

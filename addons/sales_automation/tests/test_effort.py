from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from .common_figures import FiguresCase

BEGIN = fields.Datetime.to_datetime("2026-02-02 08:00:00")
CLOSED = BEGIN + timedelta(days=10)


@tagged("post_install", "-at_install")
class TestEffort(FiguresCase):
    """Calls, meetings and mails that went into won and lost deals, up to their end."""

    def _call(self, deal, day, xmlid="mail.mail_activity_data_call"):
        with self.at(BEGIN + timedelta(days=day)):
            activity = deal.activity_schedule(xmlid, user_id=self.ines.id)
            activity.action_feedback(feedback="reached")

    def _figures(self, deals, groupby="kind"):
        return self._group(
            "sales.effort.report", [("lead_id", "in", deals.ids)], groupby,
            ["done_count:sum", "per_won:avg", "per_lost:avg"])[0]

    def test_per_won_and_per_lost_deal(self):  # SA-13: by hand
        with self.at(BEGIN):
            won, silent, lost, spam = deals = self._create_deals(4)
            self.env["calendar.event"].create({
                "name": "Visit", "opportunity_id": won.id, "start": BEGIN, "stop": BEGIN})
        for day in (1, 2, 3):
            self._call(won, day)
        self._call(lost, 1)
        self._call(spam, 1)
        self._call(lost, 1, "mail.mail_activity_data_todo")
        with self.at(BEGIN + timedelta(days=2)):
            for body, subtype in (("Our offer", "comment"), ("He is angry", "note")):
                lost.message_post(
                    body=body, message_type="comment", subtype_xmlid=f"mail.mt_{subtype}")
        self._win(won | silent, CLOSED)
        self._lose(lost, CLOSED)
        self._lose(spam, CLOSED, self.spam)
        self._call(won, 11)  # after the end: no part in the win
        self.assertEqual(self._figures(deals), {
            "call": (5, 1.5, 1.0), "meeting": (1, 0.5, 0.0), "mail": (1, 0.0, 1.0),
            "other": (1, 0.0, 1.0)})
        # all kinds together: (3 calls + 1 visit) of 2 won deals; 3 of 1 lost deal
        [total] = self._figures(deals, None).values()
        self.assertEqual(total, (8, 2.0, 3.0))

    def test_win_rate_by_how_many(self):  # SA-13
        with self.at(BEGIN):
            often, silent, lost = deals = self._create_deals(3)
        for day in (1, 2, 3):
            self._call(often, day)
        self._win(often, CLOSED)
        self._lose(silent | lost, CLOSED)
        rows, _groups = self._group(
            "sales.effort.report", [("lead_id", "in", deals.ids), ("kind", "=", "call")], "band",
            ["win_rate:avg", "deal_count:count_distinct"])
        self.assertEqual(rows, {"0": (0.0, 2), "3": (1.0, 1)})
        self.assertOpensWhatItCounts(
            "sales.effort.report", [("lead_id", "in", deals.ids)], "band", "done_count")

    def test_others_see_nothing(self):  # ALL-4
        deals = self._create_deals(2)
        self._win(deals, CLOSED)
        for model in ("sales.effort.report", "sales.cycle.report", "sales.funnel.report"):
            report, domain = self.env[model], [("lead_id", "in", deals.ids)]
            self.assertTrue(report.with_user(self.ines).search_count(domain), model)
            self.assertTrue(report.with_user(self.lea).search_count(domain), model)
            self.assertFalse(report.with_user(self.fay).search_count(domain), model)
            deals[0].company_id = self.env.company
            elsewhere = self.env["res.company"].create({"name": f"Elsewhere {model}"})
            boss = self._create_user(
                f"bo_{model}", "sales_team.group_sale_manager", company_id=elsewhere.id,
                company_ids=[fields.Command.set(elsewhere.ids)])
            self.assertFalse(report.with_user(boss).search_count(
                [("lead_id", "=", deals[0].id)]), model)

    def _fill_table(self):
        """So many deals of somebody else, closed over years, that reading them all never pays."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            INSERT INTO crm_lead (name, type, active, user_id, company_id, stage_id, sales_outcome,
                                  won_at, create_date)
            SELECT 'Deal ' || n, 'opportunity', TRUE, %s, %s, %s, 'won', day, day
              FROM generate_series(1, 5000) n
             CROSS JOIN LATERAL (SELECT timestamp '2020-01-01' + n * interval '12 hours') d(day)
            """, self.finn.id, self.env.company.id, self.stage_won.id))
        self.env.cr.execute("ANALYZE crm_lead")

    def _tell_how_deals_are_read(self, model, domain):
        """What an index is asked for each time that the plan reads crm_lead: nothing where the
        table is read through, or by an index that knows no more than the table."""
        query = self.env[model].with_user(self.max)._search(domain)
        [[[plan]]] = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query.select()))

        def walk(node):
            yield node
            for child in node.get("Plans", ()):
                yield from walk(child)
        told = [
            " ".join(below.get("Index Cond", "") for below in walk(node))  # a bitmap's lie below
            for node in walk(plan["Plan"]) if node.get("Relation Name") == "crm_lead"]
        self.assertTrue(told, model)
        return told

    def test_a_period_is_found_by_an_index(self):  # P-6
        self._fill_table()
        for condition in self._tell_how_deals_are_read("sales.outcome.report", [
                ("closed_at", ">=", "2026-01-01"), ("closed_at", "<", "2026-02-01")]):
            self.assertIn("COALESCE(won_at, lost_at) >=", condition)

    def test_a_person_is_asked_for_where_the_deals_are_read(self):  # P-6: not after all are counted
        self._win(self._create_deals(3), CLOSED)
        self._fill_table()
        for model in ("sales.outcome.report", "sales.cycle.report", "sales.funnel.report",
                      "sales.effort.report"):
            for condition in self._tell_how_deals_are_read(
                    model, [("user_id", "=", self.ines.id)]):
                self.assertRegex(condition, rf"\buser_id = {self.ines.id}\b", model)

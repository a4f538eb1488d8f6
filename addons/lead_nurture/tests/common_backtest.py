"""Closed leads for the stories of backtests."""
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from .common import NurtureCase

HOT = [{"event_kind": "visit", "points": 70, "max_count": 1}]


class BacktestCase(NurtureCase):
    """Closed leads by the dozen: each is a person of his own, created 60 days ago and closed
    `closed` days later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls.stage_won = cls.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        cls.count = 0

    @classmethod
    def _close(cls, n, won, closed=30, created=60, sync=True, **kw):
        """`n` leads that were won or lost, born `created` days ago and closed on their day."""
        start = cls.count
        cls.count += n
        leads = cls.env["crm.lead"].create(
            [
                {
                    "name": f"Deal {number}", "type": "lead", "email_from": f"p{number}@deal.test",
                    "company_id": cls.pumps.id, "user_id": False, "team_id": False, **kw,
                }
                for number in range(start, start + n)
            ]
        )  # fmt: skip
        if won:
            leads.action_set_won()
        else:
            leads.action_set_lost()
        cls.env.flush_all()
        ages = created if isinstance(created, list) else [created] * n
        born = [cls.now - timedelta(days=age) for age in ages]
        cls.env.cr.execute(
            SQL(
                """UPDATE crm_lead l
                      SET create_date = x.born, date_closed = x.born + %s * INTERVAL '1 day'
                     FROM unnest(%s, %s::timestamp[]) x(id, born) WHERE x.id = l.id""",
                closed, leads.ids, born,
            )
        )  # fmt: skip
        leads.invalidate_recordset()
        if sync:
            cls._sync()
        return leads

    @classmethod
    def _visit(cls, leads, days_ago):
        """One page view of each lead's person."""
        days = days_ago if isinstance(days_ago, list) else [days_ago] * len(leads)
        leads.invalidate_recordset(["nurture_person_id"])
        cls.env["nurture.event"]._insert_events(
            [
                {
                    "person_id": lead.nurture_person_id.id,
                    "kind": "page_view",
                    "occurred_at": cls.now - timedelta(days=ago),
                    "dedup_key": f"test:{lead.id}:{ago}",
                }
                for lead, ago in zip(leads, days, strict=True)
            ]
        )

    @classmethod
    def _run(cls, model, **kw):
        """A backtest, run to its end."""
        test = cls.env["nurture.backtest"].create(
            {"model_id": model.id, "company_id": cls.pumps.id, "days": 7,
             "domain": "[('email_from', 'like', '@deal.test')]", **kw}
        )  # fmt: skip
        test.action_run()
        return test

    def _tested(self, test):
        self.assertEqual(test.state, "done", test.error)
        return test.report["models"][0]

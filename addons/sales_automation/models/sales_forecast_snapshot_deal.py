from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

from .crm_stage_forecast import CATEGORIES
from .sales_forecast_snapshot import KEPT_WEEKS


class SalesForecastSnapshotDeal(models.Model):
    """One row per day of a snapshot and open deal with a closing date: how it stood that day.

    They tell what moved a forecast (new, won, lost, moved, changed) and which deals slipped out
    of a period. Kept for about a year, also when the deal was merged into another or deleted.
    Written only by `sales.forecast.snapshot._take`.
    """

    _name = "sales.forecast.snapshot.deal"
    _description = "Deal in a Forecast Snapshot"
    _order = "taken_on desc, id desc"
    _log_access = False

    taken_on = fields.Date(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade")
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", readonly=True, ondelete="set null", index="btree_not_null",
        help="Empty: merged into another one, or deleted.")
    name = fields.Char("Name Then", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True, ondelete="set null")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True, ondelete="set null")
    date_deadline = fields.Date("Expected Closing", readonly=True)
    category = fields.Selection(CATEGORIES, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("Expected Revenue", readonly=True)
    weighted = fields.Monetary(readonly=True)

    # A day of a company is replaced, summed and compared as a whole.
    _day_idx = models.Index("(company_id, taken_on, date_deadline)")

    @api.autovacuum
    def _gc_snapshot_deals(self):
        """Forget the deals of old snapshots; their sums stay."""
        done = len(self.env.execute_query(self._query_gc()))
        return done, done == GC_UNLINK_LIMIT

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_gc(self):
        return SQL(
            """
            DELETE FROM sales_forecast_snapshot_deal WHERE id IN (
                SELECT id FROM sales_forecast_snapshot_deal WHERE taken_on < %s LIMIT %s)
            RETURNING id
            """,
            fields.Date.today() - timedelta(weeks=KEPT_WEEKS), GC_UNLINK_LIMIT)

    @api.model
    def _query_take(self, company, today, horizon):
        """Open deals of a company that are to close until the horizon, by
        crm_lead_sales_forecast_idx. There may be many: none is told back."""
        return SQL(
            """
            INSERT INTO sales_forecast_snapshot_deal (
                taken_on, company_id, lead_id, name, user_id, team_id, date_deadline, category,
                amount, weighted)
            SELECT %(today)s, %(company)s, l.id, l.name, l.user_id, l.team_id,
                   l.date_deadline, %(category)s, COALESCE(l.expected_revenue, 0),
                   COALESCE(l.prorated_revenue, 0)
              FROM crm_lead l
              LEFT JOIN crm_stage s ON s.id = l.stage_id
              LEFT JOIN res_users u ON u.id = l.user_id
             WHERE l.type = 'opportunity' AND l.sales_outcome = 'open' AND l.active IS TRUE
               AND l.date_deadline <= %(horizon)s
               AND %(of_company)s
            """,
            today=today, company=company.id, horizon=horizon,
            category=self.env["crm.lead"]._query_forecast_category("l", "s"),
            of_company=self.env["sales.forecast.snapshot"]._query_of_company(company))

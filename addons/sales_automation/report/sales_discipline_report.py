from odoo import fields, models
from odoo.tools import SQL


class SalesDisciplineReport(models.Model):
    """One row per open deal, as it stands now: is a next step planned, is it stale, since when.

    The share of open value with a next step is the planned amount over the amount.
    """

    _name = "sales.discipline.report"
    _inherit = "sales.report.mixin"
    _description = "Next Steps and Stale Deals"
    _auto = False
    _rec_name = "lead_id"
    _order = "amount desc, id"
    _depends = {
        "crm.lead": ["active", "type", "sales_outcome", "stage_id", "user_id", "team_id",
                     "company_id", "expected_revenue",
                     "last_contact_at", "date_deadline", "slip_count", "snooze_until"],
        "mail.activity": ["res_id", "res_model", "active", "date_deadline"],
        "calendar.event": ["opportunity_id", "active", "stop"],
    }

    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    deal_count = fields.Integer("Open Deals", readonly=True)
    planned_count = fields.Integer("With Next Step", readonly=True)
    stale_count = fields.Integer("Stale", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        "Open Value", readonly=True, help="Expected revenue of open deals; amounts of companies "
        "with another currency are converted at today's rate.")
    planned_amount = fields.Monetary(
        "Value With Next Step", readonly=True,
        help="Expected revenue of open deals with an activity or meeting today or later.")
    stale_amount = fields.Monetary("Stale Value", readonly=True)
    silent_days = fields.Float(
        "Days Without Contact", readonly=True, aggregator="avg",
        help="Days since the last contact with the customer; since the deal began when there was "
        "none.")
    overdue_days = fields.Float(
        "Overdue Age (Days)", readonly=True, aggregator="avg",
        help="Days since the oldest overdue activity of the deal was due. Deals without one do "
        "not count in the average.")

    @property
    def _table_query(self):
        """Overdue activities are reached by core's index on mail_activity.res_id."""
        leads, now = self.env["crm.lead"], fields.Datetime.now()
        return SQL(
            """
            SELECT x.lead_id AS id, x.lead_id, x.user_id, x.team_id, x.stage_id, x.company_id,
                   1 AS deal_count, x.planned::int AS planned_count,
                   (x.level = 'stale')::int AS stale_count, %(currency)s AS currency_id, x.amount,
                   CASE WHEN x.planned THEN x.amount ELSE 0 END AS planned_amount,
                   CASE WHEN x.level = 'stale' THEN x.amount ELSE 0 END AS stale_amount,
                   x.silent_days, %(today)s - x.overdue_day AS overdue_days
              FROM (SELECT s.*, %(planned)s AS planned, s.expected_revenue * %(rate)s AS amount,
                           (SELECT MIN(a.date_deadline) FROM mail_activity a
                             WHERE a.res_model = 'crm.lead' AND a.res_id = s.id AND a.active
                               AND a.date_deadline < %(today)s) AS overdue_day
                      FROM (SELECT f.*, f.lead_id AS id FROM (%(stale)s) f) s) x
            """,
            today=leads._get_facts_day(now), planned=leads._query_has_next_action("s"),
            stale=leads._query_stale(now, SQL("TRUE")), rate=self._query_rate(SQL("s.company_id")),
            currency=self._query_currency(SQL("x.company_id")))

from odoo import api, fields, models
from odoo.tools import SQL


class SalesSlip(models.Model):
    """One row per move of a deal's expected closing date to a later day.

    Moves by one person within one day (his own) are one row: it tells from which date to which
    the day's moves led; when they end where they began, or earlier, there is no row.
    Salesperson, team, stage and amount are as they stood at the move. Written by `_follow`.
    """

    _name = "sales.slip"
    _description = "Slipped Closing Date"
    _order = "changed_at desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade")
    old_date = fields.Date("From", required=True, readonly=True)
    new_date = fields.Date("To", required=True, readonly=True)
    days = fields.Integer(
        "Days Later", readonly=True, help="By how many days the closing was put off.")
    day = fields.Date("On", required=True, readonly=True)
    changed_at = fields.Datetime("Moved At", required=True, readonly=True)
    changed_by_id = fields.Many2one("res.users", "Moved By", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True, index="btree_not_null")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    stage_id = fields.Many2one("crm.stage", readonly=True, ondelete="set null")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount = fields.Monetary("Expected Revenue", readonly=True, help="As it stood at the move.")
    is_merged = fields.Boolean(
        "From a Merged Lead", readonly=True,
        help="The date of a lead that was merged into this one; it does not count here.")

    # One row a day and person; also the way to the slips of a deal.
    _day_uniq = models.UniqueIndex(
        "(lead_id, changed_by_id, day) WHERE is_merged IS NOT TRUE",
        "The moves of one day are one row.")
    _lead_idx = models.Index("(lead_id)")

    @api.depends("company_id")
    def _compute_currency_id(self):
        for slip in self:
            slip.currency_id = (slip.company_id or self.env.company).currency_id

    @api.model
    def _follow(self, lead_ids, old_dates, new_date):
        """The closing date of these deals was written: note the moves, then count them.

        :param old_dates: dates before, parallel to the ids; None where there was none
        """
        leads = self.env["crm.lead"].browse(lead_ids)
        leads.flush_recordset()
        self.flush_model()
        self.env.execute_query(self._query_follow(lead_ids, old_dates, new_date))
        self.env.execute_query(self._query_prune(lead_ids))
        self.env.execute_query(self._query_count(lead_ids))
        self.invalidate_model(flush=False)
        leads.invalidate_recordset(
            ["slip_ids", "slip_count", "slip_days", "date_deadline_initial"], flush=False)

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_follow(self, lead_ids, old_dates, new_date):
        """A first move later is a new row; another one on the same day moves that row's end.

        A date that was emptied before is compared with the last one known.
        """
        return SQL(
            """
            INSERT INTO sales_slip (
                lead_id, old_date, new_date, days, day, changed_at, changed_by_id, user_id,
                team_id, company_id, stage_id, amount, is_merged)
            SELECT l.id, x.old_date, %(new)s, %(new)s::date - x.old_date, %(day)s, %(now)s,
                   %(user)s, l.user_id, l.team_id, l.company_id, l.stage_id, l.expected_revenue,
                   FALSE
              FROM (SELECT m.id, COALESCE(m.old_date, (
                               SELECT s.new_date FROM sales_slip s
                                WHERE s.lead_id = m.id AND s.is_merged IS NOT TRUE
                                ORDER BY s.changed_at DESC, s.id DESC LIMIT 1),
                               i.date_deadline_initial) AS old_date
                      FROM UNNEST(%(ids)s::int[], %(olds)s::date[]) AS m(id, old_date)
                      JOIN crm_lead i ON i.id = m.id) x
              JOIN crm_lead l ON l.id = x.id
             WHERE l.type = 'opportunity' AND l.sales_outcome = 'open'
               AND x.old_date IS NOT NULL
               AND (%(new)s::date > x.old_date OR EXISTS (
                    SELECT FROM sales_slip t
                     WHERE t.lead_id = l.id AND t.changed_by_id = %(user)s AND t.day = %(day)s))
            ON CONFLICT (lead_id, changed_by_id, day) WHERE is_merged IS NOT TRUE
            DO UPDATE SET new_date = EXCLUDED.new_date,
                          days = EXCLUDED.new_date - sales_slip.old_date,
                          changed_at = EXCLUDED.changed_at
         RETURNING id
            """,
            ids=list(lead_ids), olds=list(old_dates), new=new_date, now=fields.Datetime.now(),
            day=fields.Date.context_today(self), user=self.env.uid)

    @api.model
    def _query_prune(self, lead_ids):
        """Moves of a day that led nowhere, or back."""
        return SQL(
            "DELETE FROM sales_slip WHERE lead_id = ANY(%s) AND days <= 0 RETURNING id",
            list(lead_ids))

    @api.model
    def _query_count(self, lead_ids):
        return SQL(
            """
            UPDATE crm_lead l
               SET slip_count = x.count, slip_days = x.days,
                   date_deadline_initial = COALESCE(
                        l.date_deadline_initial, x.first, l.date_deadline)
              FROM (SELECT i.id, COUNT(s.id) AS count, COALESCE(SUM(s.days), 0) AS days,
                           (ARRAY_AGG(s.old_date ORDER BY s.changed_at, s.id))[1] AS first
                      FROM crm_lead i
                      LEFT JOIN sales_slip s ON s.lead_id = i.id AND s.is_merged IS NOT TRUE
                     WHERE i.id = ANY(%s)
                     GROUP BY i.id) x
             WHERE l.id = x.id
         RETURNING l.id
            """,
            list(lead_ids))

    @api.model
    def _query_first_dates(self, lead_ids):
        """The closing date of the earliest recorded stay, else today's."""
        return SQL(
            """
            UPDATE crm_lead l
               SET date_deadline_initial = COALESCE((
                    SELECT h.date_deadline FROM sales_stage_history h
                     WHERE h.lead_id = l.id AND h.date_deadline IS NOT NULL
                       AND h.is_merged IS NOT TRUE
                     ORDER BY h.entered_at, h.id LIMIT 1), l.date_deadline)
             WHERE l.id = ANY(%s) AND l.date_deadline_initial IS NULL
               AND l.date_deadline IS NOT NULL
         RETURNING l.id
            """,
            list(lead_ids))

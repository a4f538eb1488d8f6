from odoo import fields, models
from odoo.tools import SQL


class SalesHandoffReport(models.Model):
    """One row per hand-off that was asked for: what became of it, how fast, and what it brought.

    The share accepted counts answered hand-offs only: what still waits, or was withdrawn, says
    nothing of quality. A hand-off is late when it was answered after its deadline or waits beyond
    it. A meeting was held when its time has passed and nobody cancelled it.
    """

    _name = "sales.handoff.report"
    _inherit = "sales.report.mixin"
    _description = "Hand-off Figures"
    _auto = False
    _order = "requested_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "sales.handoff": [
            "lead_id", "from_user_id", "to_user_id", "team_id", "company_id", "state", "origin",
            "requested_at", "deadline_at", "answered_at", "answered_by_id", "answer_hours",
            "reject_reason_id", "meeting_id", "failure"],
        "crm.lead": ["sales_outcome", "expected_revenue", "team_id", "company_id"],
        "calendar.event": ["start", "active"],
    }
    _percentile_measures = {"hours_median": ("hours", 0.5)}
    _ratio_measures = {
        "accepted_share": ("accepted_count", "answered_count"),
        "late_share": ("late_count", "asked_count"),
    }

    handoff_id = fields.Many2one("sales.handoff", "Hand-off", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Opportunity", readonly=True)
    from_user_id = fields.Many2one("res.users", "Asked By", readonly=True)
    to_user_id = fields.Many2one(
        "res.users", "Asked or Answered By", readonly=True,
        help="Who answered; while nobody has, who was asked.")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    state = fields.Selection(
        selection=lambda self: self.env["sales.handoff"]._fields["state"].selection,
        readonly=True)
    origin = fields.Selection(
        selection=lambda self: self.env["sales.handoff"]._fields["origin"].selection,
        readonly=True)
    reject_reason_id = fields.Many2one("sales.handoff.reason", "Reject Reason", readonly=True)
    requested_at = fields.Datetime("Asked On", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    asked_count = fields.Integer("Asked (n)", readonly=True)
    answered_count = fields.Integer("Answered", readonly=True)
    accepted_count = fields.Integer("Accepted", readonly=True)
    rejected_count = fields.Integer("Rejected", readonly=True)
    waiting_count = fields.Integer("Waiting", readonly=True)
    late_count = fields.Integer(
        "Late", readonly=True, help="Answered after the deadline, or waiting beyond it.")
    accepted_share = fields.Float(
        "Accepted %", readonly=True, aggregator="avg", help="Accepted / (accepted + rejected).")
    late_share = fields.Float(
        "Late %", readonly=True, aggregator="avg", help="Late / asked.")
    hours = fields.Float(
        "Mean Hours to Answer", readonly=True, aggregator="avg", digits=(16, 1),
        help="Working hours from the request to the answer.")
    hours_median = fields.Float(
        "Median Hours to Answer", readonly=True, aggregator="avg", digits=(16, 1),
        help="Half of the answers came faster. Says little below 5 hand-offs.")
    meeting_count = fields.Integer("Meetings Agreed", readonly=True)
    held_count = fields.Integer("Meetings Held", readonly=True)
    won_count = fields.Integer(
        "Won", readonly=True, help="Accepted hand-offs whose deal was won by now.")
    won_amount = fields.Monetary(
        "Won Revenue", readonly=True, help="Of these deals; credit of whoever handed over.")

    @property
    def _table_query(self):
        """Hand-offs as they are; their deals and meetings by primary key."""
        return SQL(
            """
            SELECT h.id, h.id AS handoff_id, h.lead_id, h.from_user_id, h.company_id, h.state,
                   CASE WHEN h.state IN ('accepted', 'rejected')
                        THEN h.answered_by_id ELSE h.to_user_id END AS to_user_id,
                   COALESCE(h.team_id, l.team_id) AS team_id, h.origin, h.reject_reason_id,
                   h.requested_at, %(currency)s AS currency_id, 1 AS asked_count,
                   (h.state IN ('accepted', 'rejected'))::int AS answered_count,
                   (h.state = 'accepted')::int AS accepted_count,
                   (h.state = 'rejected')::int AS rejected_count,
                   (h.state IN ('requested', 'expired'))::int AS waiting_count,
                   (COALESCE(h.answered_at, %(now)s) > h.deadline_at
                        AND h.state <> 'cancelled')::int AS late_count,
                   NULL::float AS accepted_share, NULL::float AS late_share,
                   CASE WHEN h.state IN ('accepted', 'rejected') THEN h.answer_hours END AS hours,
                   CASE WHEN h.state IN ('accepted', 'rejected') THEN h.answer_hours END
                        AS hours_median,
                   (e.id IS NOT NULL)::int AS meeting_count,
                   COALESCE(e.active AND e.stop <= %(now)s, FALSE)::int AS held_count,
                   (h.state = 'accepted' AND l.sales_outcome = 'won')::int AS won_count,
                   CASE WHEN h.state = 'accepted' AND l.sales_outcome = 'won'
                        THEN l.expected_revenue * %(rate)s ELSE 0 END AS won_amount
              FROM sales_handoff h
              JOIN crm_lead l ON l.id = h.lead_id
              LEFT JOIN calendar_event e ON e.id = h.meeting_id
              LEFT JOIN res_users u ON u.id = l.user_id
             WHERE h.failure IS NULL OR h.state <> 'cancelled'
            """,
            now=fields.Datetime.now(), currency=self._query_currency(self._query_home()),
            rate=self._query_rate(self._query_home()))

    def action_open_handoff(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "sales.handoff",
            "res_id": self.handoff_id.id, "views": [(False, "form")], "target": "current",
        }

from odoo import fields, models
from odoo.addons.customer_care.models.care_case import CASE_KINDS, SEVERITIES
from odoo.addons.customer_care.models.care_stage import OPEN_KINDS
from odoo.tools import SQL

from .care_case_report import NO_CASE


class CareSlaReport(models.Model):
    """One promise of one case: its first reply, or its resolution, and what became of it.

    What is overdue at this moment counts as missed, although it is not over: else a case that
    nobody ever answers would be in no figure. What still has time is in none.
    """

    _name = "care.sla.report"
    _description = "Service level analysis"
    _auto = False
    _order = "deadline desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "care.case": [
            "company_id", "team_id", "user_id", "commercial_partner_id", "kind", "severity",
            "channel", "category_id", "stage_kind", "close_reason", "sla_id", "reply_sla_id",
            "reply_deadline", "reply_result", "deadline_at", "resolution_result",
            "first_response_at", "paused_at", "resolved_at", "active"],
    }

    case_id = fields.Many2one("care.case", "Case", readonly=True)
    promise = fields.Selection(
        [("reply", "First reply"), ("resolution", "Resolution")], readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("care.team", readonly=True)
    user_id = fields.Many2one("res.users", "Agent", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    sla_id = fields.Many2one(
        "care.sla", "Service level", readonly=True,
        help="By which the promise was judged; while it still has time, the one that holds now.")
    kind = fields.Selection(CASE_KINDS, readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    channel = fields.Selection(
        lambda self: self.env["care.case"]._select_channel(), readonly=True)
    category_id = fields.Many2one("care.category", readonly=True)
    deadline = fields.Datetime("Due", readonly=True)
    result = fields.Selection(
        [("met", "Met"), ("missed", "Missed"), ("overdue", "Overdue, still open"),
         ("running", "Still has time")], readonly=True)
    judged = fields.Integer(
        "Promises judged", readonly=True, aggregator="sum",
        help="Met, missed and overdue ones: what the share is of.")
    met = fields.Integer("Met", readonly=True, aggregator="sum")
    missed = fields.Integer(
        "Missed", readonly=True, aggregator="sum", help="Overdue ones, too.")
    met_share = fields.Float(
        "Met (%)", readonly=True, aggregator="avg",
        help="Met, of the promises that are judged. Empty (n/a) where none is.")

    @property
    def _table_query(self):
        return SQL(
            """SELECT id, case_id, promise, company_id, team_id, user_id, commercial_partner_id,
                      sla_id, kind, severity, channel, category_id, deadline, result,
                      (result <> 'running')::int AS judged, (result = 'met')::int AS met,
                      (result IN ('missed', 'overdue'))::int AS missed,
                      CASE WHEN result <> 'running' THEN 100.0 * (result = 'met')::int
                           END AS met_share
                 FROM (SELECT 2 * c.id + p.place AS id, c.id AS case_id, p.promise, c.company_id,
                              c.team_id, c.user_id, c.commercial_partner_id, p.sla_id, c.kind,
                              c.severity, c.channel, c.category_id, p.deadline,
                              COALESCE(p.result, CASE
                                  WHEN COALESCE(c.paused_at, %(now)s) >= p.deadline THEN 'overdue'
                                  ELSE 'running' END) AS result
                         FROM care_case c
                   CROSS JOIN LATERAL (VALUES
                              (0, 'reply', c.reply_deadline, c.reply_result,
                               c.first_response_at IS NULL,
                               COALESCE(c.reply_sla_id, c.sla_id)),
                              (1, 'resolution', c.deadline_at, c.resolution_result,
                               c.resolved_at IS NULL, c.sla_id)
                              ) AS p(place, promise, deadline, result, is_owed, sla_id)
                        WHERE c.active AND COALESCE(c.close_reason, '') NOT IN %(no_case)s
                          AND p.deadline IS NOT NULL
                          AND (p.result IS NOT NULL OR p.is_owed AND c.stage_kind IN %(open)s)
                      ) promises""",
            now=fields.Datetime.now(), no_case=NO_CASE, open=OPEN_KINDS)

    def action_open_case(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "care.case",
                "res_id": self.case_id.id, "views": [(False, "form")]}

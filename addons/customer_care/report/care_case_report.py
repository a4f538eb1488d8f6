from odoo import fields, models
from odoo.addons.customer_care.models.care_case import (
    CASE_KINDS,
    CLOSE_REASONS,
    SEVERITIES,
    SPOKEN,
)
from odoo.addons.customer_care.models.care_stage import KINDS
from odoo.tools import SQL

#: Measures whose value over a group is the median of another column.
MEDIANS = {"reply_median": "reply_hours", "resolution_median": "resolution_hours"}
#: What was closed for these reasons was no case of its own.
NO_CASE = ("spam", "duplicate", "merged")


class CareCaseReport(models.Model):
    """One case with its figures; spam, duplicates and merged cases are left out.

    Hours are working hours of the team, without pauses. Calls and chats are answered when they
    begin: they are in no figure of the first reply.
    """

    _name = "care.case.report"
    _description = "Case analysis"
    _auto = False
    _order = "opened_at desc, id desc"
    _rec_name = "case_id"
    _depends = {
        "care.case": [
            "company_id", "team_id", "user_id", "resolver_id", "partner_id",
            "commercial_partner_id", "kind", "severity", "channel", "category_id", "product_id",
            "stage_kind", "close_reason", "sla_id", "opened_at", "resolved_at", "reopen_count",
            "transfer_count", "reply_hours", "reply_result", "resolution_hours",
            "resolution_result", "active"],
        "care.case.contact": ["case_id", "direction", "is_noise"],
    }

    case_id = fields.Many2one("care.case", "Case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("care.team", readonly=True)
    user_id = fields.Many2one("res.users", "Agent", readonly=True)
    resolver_id = fields.Many2one("res.users", "Resolved by", readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", readonly=True)
    commercial_partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    kind = fields.Selection(CASE_KINDS, readonly=True)
    severity = fields.Selection(SEVERITIES, readonly=True)
    channel = fields.Selection(
        lambda self: self.env["care.case"]._select_channel(), readonly=True)
    category_id = fields.Many2one("care.category", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    stage_kind = fields.Selection(KINDS, "Stage", readonly=True)
    close_reason = fields.Selection(CLOSE_REASONS, readonly=True)
    sla_id = fields.Many2one("care.sla", "Service level", readonly=True)
    opened_at = fields.Datetime("Opened", readonly=True)
    resolved_at = fields.Datetime("First resolved", readonly=True)

    reply_hours = fields.Float(
        "Working hours to first reply (mean)", readonly=True, aggregator="avg",
        help="Working hours until the first answer, over the cases that were answered; without "
        "calls and chats.")
    reply_median = fields.Float(
        "Working hours to first reply (median)", readonly=True, aggregator="avg",
        help="Half of the cases were answered faster; a few very slow ones do not move it. "
        "Without calls and chats.")
    resolution_hours = fields.Float(
        "Working hours to resolution (mean)", readonly=True, aggregator="avg",
        help="Working hours until the first resolution, over the cases that were resolved.")
    resolution_median = fields.Float(
        "Working hours to resolution (median)", readonly=True, aggregator="avg",
        help="Half of the resolved cases were resolved faster.")
    answered = fields.Integer(
        "Answered", readonly=True, aggregator="sum",
        help="Cases that hours to the first reply rest on.")
    resolved = fields.Integer("Resolved", readonly=True, aggregator="sum")
    reopened = fields.Integer(
        "Reopened", readonly=True, aggregator="sum",
        help="Resolved cases that were opened again; each counts once.")
    reopen_rate = fields.Float(
        "Reopened (%)", readonly=True, aggregator="avg",
        help="Of the cases that were resolved: the share that was opened again at least once.")
    sla_judged = fields.Integer(
        "Promises judged", readonly=True, aggregator="sum",
        help="Resolutions that were promised and happened. Overdue open cases: see Service Levels.")
    sla_met = fields.Integer("Resolved in time", readonly=True, aggregator="sum")
    sla_met_share = fields.Float(
        "Resolved in time (%)", readonly=True, aggregator="avg",
        help="Resolved in time, of the cases that were resolved and had a promise.")
    contact_count = fields.Integer(
        "Contacts of customers", readonly=True, aggregator="sum",
        help="How often customers spoke to us; thank-yous and automatic answers are left out.")
    contacts_mean = fields.Float(
        "Contacts a case (mean)", readonly=True, aggregator="avg")
    transfer_count = fields.Integer("Handed over", readonly=True, aggregator="sum")

    @property
    def _table_query(self):
        """The join to contacts is dropped by PostgreSQL where no contacts are asked for."""
        return SQL(
            """SELECT c.id, c.id AS case_id, c.company_id, c.team_id, c.user_id, c.resolver_id,
                      c.partner_id, c.commercial_partner_id, c.kind, c.severity, c.channel,
                      c.category_id, c.product_id, c.stage_kind, c.close_reason, c.sla_id,
                      c.opened_at, c.resolved_at, c.transfer_count,
                      w.reply_hours, w.reply_hours AS reply_median,
                      (w.reply_hours IS NOT NULL)::int AS answered,
                      c.resolution_hours, c.resolution_hours AS resolution_median,
                      (c.resolved_at IS NOT NULL)::int AS resolved,
                      (c.resolved_at IS NOT NULL AND COALESCE(c.reopen_count, 0) > 0)::int
                          AS reopened,
                      CASE WHEN c.resolved_at IS NOT NULL
                           THEN 100.0 * (COALESCE(c.reopen_count, 0) > 0)::int END AS reopen_rate,
                      (c.resolution_result IS NOT NULL)::int AS sla_judged,
                      COALESCE(c.resolution_result = 'met', FALSE)::int AS sla_met,
                      100.0 * (c.resolution_result = 'met')::int AS sla_met_share,
                      COALESCE(n.contacts, 0) AS contact_count,
                      COALESCE(n.contacts, 0) AS contacts_mean
                 FROM care_case c
           CROSS JOIN LATERAL (SELECT CASE WHEN c.channel NOT IN %(spoken)s
                                           THEN c.reply_hours END AS reply_hours) w
            LEFT JOIN (SELECT case_id, COUNT(*) AS contacts
                         FROM care_case_contact
                        WHERE direction = 'in' AND is_noise IS NOT TRUE
                     GROUP BY case_id) n ON n.case_id = c.id
                WHERE c.active AND COALESCE(c.close_reason, '') NOT IN %(no_case)s""",
            spoken=SPOKEN, no_case=NO_CASE)

    def _read_group_select(self, aggregate_spec, query):
        """A median of a group is no mean of medians."""
        name, _sep, function = aggregate_spec.partition(":")
        if name not in MEDIANS or function != "avg":
            return super()._read_group_select(aggregate_spec, query)
        return self._query_median(self._field_to_sql(self._table, MEDIANS[name], query))

    def _query_median(self, column) -> SQL:
        return SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", column)

    def action_open_case(self):
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "care.case",
                "res_id": self.case_id.id, "views": [(False, "form")]}

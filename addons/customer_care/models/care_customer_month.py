from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .care_status_rule import STATUS_SELECTION

BASIS_SELECTION = [("purchases", "Purchases"), ("agreements", "Agreements")]
EVENT_SELECTION = [
    ("new", "New"),
    ("retained", "Retained"),
    ("lost", "Lost"),
    ("reactivated", "Reactivated"),
    ("restored", "Not lost after all"),
    ("withdrawn", "Taken back"),
]


class CareCustomerMonth(models.Model):
    """One customer of one company in one calendar month, as it was printed when the month closed.

    There is a row for each month in which he was active at the start or bought. It is written
    once: what becomes known later stands in care.churn.correction, and a later purchase is a
    reactivation in its own month. What the columns mean is told by engine/churn.py. There is no
    unique key on purpose: in a merge of partners the history of both is kept.
    """

    _name = "care.customer.month"
    _description = "Customer in a month"
    _log_access = False
    _order = "month desc, revenue_before desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="The first day of the month.")
    basis = fields.Selection(
        BASIS_SELECTION, "Judged by", required=True, readonly=True,
        help="Purchases: lost is who is silent for longer than his own limit. Agreements: lost is "
        "whose agreement ended and was not renewed within the grace.")
    in_both = fields.Boolean(
        "Counts in both", readonly=True,
        help="A customer with an agreement is judged by it where both kinds are shown together.")
    status_start = fields.Selection(
        STATUS_SELECTION, "At the start", readonly=True,
        help="Status when the month before ended; empty: not a customer yet.")
    status_end = fields.Selection(
        STATUS_SELECTION, "At the end", readonly=True,
        help="Status on the evening of the last day of the month.")
    active_start = fields.Boolean("Active at the start", readonly=True)
    active_end = fields.Boolean("Active at the end", readonly=True)
    event = fields.Selection(
        EVENT_SELECTION, "What happened", required=True, readonly=True,
        help="Not lost after all: printed as lost before; a late document, or today's typical "
        "gap, says otherwise. Taken back: active when the month began, and no purchase stands "
        "any more.")
    purchases = fields.Integer(readonly=True, help="Purchase days in the month.")
    revenue = fields.Monetary(
        readonly=True, help="Net revenue dated in the month, untaxed, in company currency.")
    revenue_before = fields.Monetary(
        "Year before", readonly=True,
        help="Net revenue of the twelve months before this month: what is lost with him.")
    revenue_after = fields.Monetary(
        "Year to its end", readonly=True,
        help="Net revenue of the twelve months up to the end of this month.")
    lost_on = fields.Date(
        "Lost on", readonly=True, help="The day on which the silence became longer than his limit.")
    limit_days = fields.Float(
        "Limit (days)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Days of silence after which this customer counts as lost, known at that time.")
    cohort = fields.Date(
        "Customer since", readonly=True,
        help="The month of his first purchase, as known when he was printed first.")
    definition_id = fields.Many2one(
        "care.churn.definition", "Definition", readonly=True, ondelete="restrict")
    figure = fields.Char(
        "Behind a figure", compute="_compute_figure", search="_search_figure",
        help="The rows that a printed figure counts.")

    # A printed month and a cohort's cell; then a customer's story, and the rows to begin again.
    _month_idx = models.Index("(company_id, month, basis, event)")
    _customer_idx = models.Index("(partner_id, company_id, month)")
    _definition_idx = models.Index("(definition_id)")

    def _compute_figure(self):
        self.figure = False

    @api.model
    def _search_figure(self, operator, value):
        """"<period id>:<figure>": the customers that a figure of a printed period counts."""
        if operator != "in":
            return NotImplemented
        period_ref, _sep, figure = str(next(iter(value), "")).partition(":")
        if not period_ref.isdecimal() or len(period_ref) > 9:
            return Domain.FALSE
        period = self.env["care.churn.period"].search([("id", "=", int(period_ref))])
        if not period or figure not in period._figures():
            return Domain.FALSE
        return Domain("id", "in", SQL("(%s)", period._query_behind(figure)))

    def action_open_customer(self):
        """The care record of today of the customer in this row."""
        self.ensure_one()
        return self.env["care.customer"]._open_record(self.partner_id, self.company_id)

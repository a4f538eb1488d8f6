from odoo import fields, models
from odoo.tools import SQL


class CareProposalReport(models.Model):
    """One proposal and how far it came: proposed, taken up by sales, bought.

    A share is the mean of 100 and 0 over the proposals that are decided; those still open are
    counted and are in no mean. Bought without sales is no conversion and stands apart.
    """

    _name = "care.proposal.report"
    _description = "Conversion of proposals"
    _auto = False
    _order = "proposed_on desc, id desc"
    _rec_name = "proposal_id"
    _depends = {
        "care.proposal": [
            "company_id", "partner_id", "user_id", "product_tmpl_id", "because_tmpl_id", "kind",
            "origin", "state", "proposed_on", "accepted_on", "won_value"],
    }

    proposal_id = fields.Many2one("care.proposal", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    product_tmpl_id = fields.Many2one("product.template", "Product", readonly=True)
    because_tmpl_id = fields.Many2one("product.template", "Because of", readonly=True)
    kind = fields.Selection(
        lambda self: self.env["care.proposal"]._fields["kind"].selection, readonly=True)
    origin = fields.Selection(
        lambda self: self.env["care.proposal"]._fields["origin"].selection, readonly=True)
    proposed_on = fields.Date(readonly=True)
    proposed = fields.Integer("Proposed", readonly=True)
    taken = fields.Integer(
        "Taken up", readonly=True, help="An opportunity or a quotation was made of it.")
    bought = fields.Integer(
        "Bought through sales", readonly=True, help="Taken up, and bought since.")
    unaided = fields.Integer(
        "Bought without sales", readonly=True,
        help="Bought though nobody had taken it up: no work of the proposal can be shown.")
    waiting = fields.Integer(
        "Still open", readonly=True, help="New, or in sales: in no share until it has ended.")
    taken_share = fields.Float(
        "Taken up (%)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Taken up / proposals that were taken up or have ended. Empty where none has.")
    bought_share = fields.Float(
        "Bought (%)", readonly=True, aggregator="avg", digits=(16, 1),
        help="Bought / proposals that were taken up and have ended. Empty where none has.")
    won_value = fields.Monetary(
        "Bought for", readonly=True, help="Untaxed, of what was taken up and bought.")

    @property
    def _table_query(self):
        return SQL(
            """SELECT p.id, p.id AS proposal_id, p.company_id, p.partner_id, p.user_id,
                      p.product_tmpl_id, p.because_tmpl_id, p.kind, p.origin, p.proposed_on,
                      1 AS proposed, (p.accepted_on IS NOT NULL)::int AS taken,
                      (p.accepted_on IS NOT NULL AND p.state = 'won')::int AS bought,
                      (p.accepted_on IS NULL AND p.state = 'won')::int AS unaided,
                      (p.state IN ('proposed', 'accepted'))::int AS waiting,
                      CASE WHEN p.accepted_on IS NOT NULL THEN 100
                           WHEN p.state <> 'proposed' THEN 0 END::float8 AS taken_share,
                      CASE WHEN p.accepted_on IS NOT NULL AND p.state <> 'accepted'
                           THEN CASE p.state WHEN 'won' THEN 100 ELSE 0 END
                      END::float8 AS bought_share,
                      CASE WHEN p.accepted_on IS NOT NULL THEN p.won_value END AS won_value
                 FROM care_proposal p""")

from odoo import api, fields, models
from odoo.tools import SQL


class SalesWonChange(models.Model):
    """One row per change of a won deal's amount after the month in which it was won.

    The accuracy of a period that was over by then keeps the amount of before. The chatter tells
    the change itself. Written by `_keep` only.
    """

    _name = "sales.won.change"
    _description = "Won Amount Changed Later"
    _order = "changed_at desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, readonly=True, ondelete="cascade")
    changed_at = fields.Datetime(required=True, readonly=True)
    changed_by_id = fields.Many2one("res.users", "Changed By", readonly=True, ondelete="set null")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("Amount Before", readonly=True)

    # The way to what a deal was worth at a moment.
    _lead_idx = models.Index("(lead_id, changed_at)")

    @api.model
    def _keep(self, amounts):
        """Keep what these deals were worth before a change, {lead: amount}."""
        now = fields.Datetime.now()
        self.create([{
            "lead_id": lead.id, "changed_at": now, "changed_by_id": self.env.uid,
            "company_id": lead._get_home_company().id, "amount": amount,
        } for lead, amount in amounts.items()])

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_worth_at(self, moment):
        """What won lead l was worth at a moment, by sales_won_change_lead_idx."""
        return SQL(
            """COALESCE((SELECT v.amount FROM sales_won_change v
                          WHERE v.lead_id = l.id AND v.changed_at >= %s
                          ORDER BY v.changed_at, v.id LIMIT 1), l.expected_revenue)""", moment)

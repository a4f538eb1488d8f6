from odoo import fields, models

from .care_status_rule import STATUS_SELECTION


class CareStatusChange(models.Model):
    """A customer went from one lifecycle status to another. Written once, never changed.

    It hangs on the partner and not on the care record: figures can be derived again, history
    cannot, so it survives whatever happens to the record. There is no unique key on purpose: in a
    merge of partners both histories are kept.
    """

    _name = "care.status.change"
    _description = "Status change of a customer"
    _log_access = False
    _order = "changed_on desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    from_status = fields.Selection(STATUS_SELECTION, "From", required=True, readonly=True)
    to_status = fields.Selection(STATUS_SELECTION, "To", required=True, readonly=True)
    changed_on = fields.Date(
        "On", required=True, readonly=True,
        help="The day the customer crossed the border, in the company's time zone.")
    changed_at = fields.Datetime(
        "Noticed at", required=True, readonly=True, help="When the change was written down.")
    revenue_net = fields.Monetary(
        "Revenue then", readonly=True,
        help="Net revenue of the customer up to this change, in company currency, untaxed.")
    purchase_days = fields.Integer("Purchases then", readonly=True)

    _company_day_idx = models.Index("(company_id, changed_on)")

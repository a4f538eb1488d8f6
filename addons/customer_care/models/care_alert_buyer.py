from odoo import fields, models


class CareAlertBuyer(models.Model):
    """One customer who has the product (or lot) of an alert: to be warned, not to be sold to.

    Derived from deliveries and purchases; kept after the alert was closed.
    """

    _name = "care.alert.buyer"
    _description = "Buyer under a product alert"
    _log_access = False
    _order = "alert_id desc, id"
    _rec_name = "partner_id"

    alert_id = fields.Many2one(
        "care.alert", "Product alert", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, ondelete="cascade", index=True)
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    quantity = fields.Float("Units", readonly=True, digits="Product Unit")
    last_on = fields.Date("Last bought", readonly=True)

    # Where a merge of contacts drops rows for it, the night names the buyers of open alerts anew.
    _alert_idx = models.UniqueIndex(
        "(alert_id, partner_id)", "This customer is named already.")

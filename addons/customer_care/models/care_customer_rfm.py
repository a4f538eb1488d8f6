from odoo import api, fields, models

from .optional import OptionalInteger


class CareCustomer(models.Model):
    _inherit = "care.customer"

    rfm_recency = OptionalInteger(
        "Recency score", readonly=True, aggregator="avg",
        help="1 to 5 by the days since the last purchase, 5 for the latest; 0 before the first "
        "purchase. Borders: Reporting, RFM Grid.")
    rfm_frequency = OptionalInteger(
        "Frequency score", readonly=True, aggregator="avg",
        help="1 to 5 by the number of purchases (days with an invoice that stands).")
    rfm_monetary = OptionalInteger(
        "Value score", readonly=True, aggregator="avg",
        help="1 to 5 by historic LTV (net, untaxed), measured against the company's customers.")
    rfm_segment_id = fields.Many2one(
        "care.rfm.segment", "RFM segment", readonly=True, ondelete="set null",
        help="Named by recency and frequency; see Reporting, RFM Grid.")
    rfm_code = fields.Char(
        "RFM", compute="_compute_rfm_code",
        help="Recency, frequency and value, each from 1 (poor) to 5 (best).")
    rfm_advice = fields.Char(related="rfm_segment_id.advice", string="Segment's advice")

    # Customers of a cell or a segment, by value.
    _rfm_idx = models.Index(
        "(company_id, rfm_segment_id, revenue_net DESC) WHERE rfm_segment_id IS NOT NULL")

    @api.depends("rfm_recency", "rfm_frequency", "rfm_monetary")
    def _compute_rfm_code(self):
        for customer in self:
            scores = (customer.rfm_recency, customer.rfm_frequency, customer.rfm_monetary)
            customer.rfm_code = "R{} F{} M{}".format(*scores) if all(scores) else False

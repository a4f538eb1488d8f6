from odoo import fields, models


class CareAgreementReason(models.Model):
    """One reason for which agreements end.

    Voluntary is the customer's own decision and can be worked on; involuntary is none (unpaid,
    closed down, product discontinued).
    """

    _name = "care.agreement.reason"
    _description = "Reason for the end of an agreement"
    _inherit = "care.shared"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("voluntary", "The customer decided"), ("involuntary", "Nobody's decision")],
        required=True, default="voluntary",
        help="The customer decided: he went elsewhere or no longer needs it. Nobody's decision: "
        "unpaid, closed down, no longer offered by us.")

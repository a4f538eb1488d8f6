from odoo import fields, models

RENEWAL_SELECTION = [
    ("manual", "By a new agreement"),
    ("auto", "By itself"),
    ("none", "Never"),
]


class CareAgreementType(models.Model):
    """One kind of agreement (service contract, subscription, membership) and what is usual in it.

    Survival is shown by type: agreements of one type are thought to end in a like manner.
    """

    _name = "care.agreement.type"
    _description = "Agreement type"
    _inherit = "care.shared"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    months = fields.Integer(
        "Usual length", default=12,
        help="Months that an agreement of this type runs; a new one gets its end from it. "
        "0: open, it runs until somebody ends it.")
    renewal = fields.Selection(
        RENEWAL_SELECTION, required=True, default="manual",
        help="By a new agreement: somebody makes the successor. By itself: the night makes it "
        "when the end has passed. Never: it ends, and nobody is reminded.")
    notice_days = fields.Integer(
        "Notice", help="Days before the end until which either side may give notice. 0: none.")

    _months_not_negative = models.Constraint(
        "CHECK(months >= 0 AND notice_days >= 0)", "Months and days of notice cannot be negative.")

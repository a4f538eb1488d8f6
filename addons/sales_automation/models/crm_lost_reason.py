from odoo import fields, models


class CrmLostReason(models.Model):
    """Lost reasons, some of which only mean "not now"."""

    _inherit = "crm.lost.reason"

    is_recycle = fields.Boolean(
        "Not Now",
        help="Deals closed with this reason are not lost for good: they are counted as \"not "
        "now\" and come back on their wake-up date.")
    recycle_days = fields.Integer(
        "Comes Back After (Days)", default=90,
        help="Wake-up date when none is chosen: so many days after the deal was closed.")

    _recycle_days_positive = models.Constraint(
        "CHECK(recycle_days > 0)", "A deal comes back after at least one day.")

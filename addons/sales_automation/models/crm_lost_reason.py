from odoo import fields, models


class CrmLostReason(models.Model):
    """Lost reasons; some only mean "not now", some that there never was a deal."""

    _inherit = "crm.lost.reason"

    is_recycle = fields.Boolean(
        "Not Now",
        help="Deals closed with this reason are not lost for good: they are counted as \"not "
        "now\" and come back on their wake-up date.")
    recycle_days = fields.Integer(
        "Comes Back After (Days)", default=90,
        help="Wake-up date when none is chosen: so many days after the deal was closed.")

    is_derail = fields.Boolean(
        "No Real Deal",
        help="Spam, duplicate, test: deals lost with this reason say nothing about selling. They "
        "leave the win rate and stay in the rate of all closed deals, also those closed before "
        "this was set.")

    _recycle_or_derail = models.Constraint(
        "CHECK(NOT (is_recycle AND is_derail))",
        "A reason means \"not now\" or \"no real deal\", not both.")
    _recycle_days_positive = models.Constraint(
        "CHECK(recycle_days > 0)", "A deal comes back after at least one day.")

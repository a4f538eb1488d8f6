from odoo import fields, models


class ResCompany(models.Model):
    """Setting of the question after an activity is done."""

    _inherit = "res.company"

    sales_what_next = fields.Boolean(
        "Ask What Comes Next", default=True,
        help="When an activity of an open deal is marked done and nothing else is planned on the "
        "deal, a small dialog offers the next step. Off: nobody is asked.",
        groups="base.group_user", prefetch="sales_automation")

from odoo import fields, models


class CrmStage(models.Model):
    """What a stage asks of its deals: a planned next step, and contact often enough."""

    _inherit = "crm.stage"

    require_next_action = fields.Boolean(
        "Ask for a Next Step", default=True,
        help="A deal in this stage without a planned activity or meeting is marked and listed, "
        "and its salesperson is reminded.", groups="base.group_user")
    max_days_no_contact = fields.Integer(
        "Days Without Contact",
        help="After so many days without contact with the customer a deal in this stage is "
        "stale. 0: as the company's setting says.", groups="base.group_user")

    _max_days_no_contact_positive = models.Constraint(
        "CHECK(max_days_no_contact >= 0)", "The days without contact cannot be negative.")

from odoo import fields, models


class ResCompany(models.Model):
    """Company settings of the Sales Desk."""

    _inherit = "res.company"

    sales_handoff_hours = fields.Float(
        "Hand-off Deadline", default=4.0,
        help="Working hours within which a hand-off has to be accepted or rejected, counted in "
        "the receiver's working schedule (else the company's). Then the team leader is told.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_routing = fields.Boolean(
        "Ask Before Assigning Converted Leads", default=True,
        help="When somebody else, or an automation, converts a lead and gives it to a "
        "salesperson, he is asked to accept or reject it within the deadline.",
        groups="base.group_user", prefetch="sales_automation")

    _sales_handoff_hours_positive = models.Constraint(
        "CHECK(sales_handoff_hours > 0)", "The hand-off deadline must be longer than zero hours.")

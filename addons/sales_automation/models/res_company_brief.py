from odoo import fields, models


class ResCompany(models.Model):
    """When a new owner gets a brief, and how long he has to read it."""

    _inherit = "res.company"

    sales_brief_reassigned = fields.Boolean(
        "Brief When a Deal Is Reassigned", default=True,
        help="Whoever gets an open deal from a colleague, given by somebody else, is asked to "
        "read its brief. Accepted hand-offs always bring one.",
        groups="base.group_user", prefetch="sales_automation")
    sales_brief_hours = fields.Float(
        "Read Briefs Within", default=8.0,
        help="Working hours of the new owner within which he confirms that he has read the brief. "
        "Then the team leader is told, once.",
        groups="base.group_user", prefetch="sales_automation")

    _sales_brief_hours_positive = models.Constraint(
        "CHECK(sales_brief_hours > 0)", "The time to read a brief must be longer than zero hours.")

from odoo import fields, models

REQUIRED_FIELDS = {
    "need": "sales_handoff_need_required",
    "authority": "sales_handoff_authority_required",
    "budget": "sales_handoff_budget_required",
    "timing": "sales_handoff_timing_required",
}


class ResCompany(models.Model):
    """What a hand-off has to say, and who hears of one that nobody answers."""

    _inherit = "res.company"

    sales_handoff_need_required = fields.Boolean(
        "Need", default=True, help="A hand-off says what the customer wants to solve.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_authority_required = fields.Boolean(
        "Who Decides", default=True, help="A hand-off says who decides at the customer.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_budget_required = fields.Boolean(
        "Budget", default=True, help="A hand-off says what is set aside or expected.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_timing_required = fields.Boolean(
        "Timing", default=True, help="A hand-off says when the customer wants to start.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_remind_hours = fields.Float(
        "Remind Before", default=1.0,
        help="Working hours before the deadline at which the receiver is reminded. Zero: never.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_second_hours = fields.Float(
        "Tell a Second Person After", default=8.0,
        help="Working hours after the deadline at which one more person is told of a hand-off "
        "that is still not answered.",
        groups="base.group_user", prefetch="sales_automation")
    sales_handoff_second_user_id = fields.Many2one(
        "res.users", "Second Person", domain=[("share", "=", False)],
        help="Told of hand-offs that neither the receiver nor the team leader answered. Empty: "
        "nobody is told a second time.",
        groups="base.group_user", prefetch="sales_automation")

    _sales_handoff_hours_after = models.Constraint(
        "CHECK(sales_handoff_remind_hours >= 0 AND sales_handoff_second_hours >= 0)",
        "Working hours cannot be negative.")

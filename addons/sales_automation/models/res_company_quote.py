from odoo import fields, models


class ResCompany(models.Model):
    """When a quotation asks for a next step: the company's rules, in calendar days."""

    _inherit = "res.company"

    sales_quote_draft_days = fields.Integer(
        "Send Quotations Within", default=2,
        help="Days after which a quotation that was written but not sent is shown as forgotten.",
        groups="base.group_user", prefetch="sales_automation")
    sales_quote_answer_days = fields.Integer(
        "Remind After", default=5,
        help="Days without a word from the customer after we last wrote about a quotation. Then "
        "it is shown as unanswered, with a reminder to send in one click.",
        groups="base.group_user", prefetch="sales_automation")
    sales_quote_expiry_days = fields.Integer(
        "Warn Before Expiry", default=3,
        help="Days before the end of its validity from which a quotation is shown as expiring.",
        groups="base.group_user", prefetch="sales_automation")
    sales_quote_extend_days = fields.Integer(
        "Extend By", default=14,
        help="Days from today for which a quotation is valid again when its validity is extended "
        "in one click.",
        groups="base.group_user", prefetch="sales_automation")

    _sales_quote_days_positive = models.Constraint(
        "CHECK(sales_quote_draft_days >= 0 AND sales_quote_answer_days >= 0"
        " AND sales_quote_expiry_days >= 0 AND sales_quote_extend_days > 0)",
        "Days cannot be negative, and a quotation is extended by at least one day.")

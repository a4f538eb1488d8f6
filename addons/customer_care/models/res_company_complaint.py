from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    care_complaint_complete = fields.Boolean(
        "Complaints end with a file",
        help="A complaint, defect or return is resolved only with its root cause and a remedy.",
        groups="base.group_user", prefetch="customer_care")
    care_bought_again_days = fields.Integer(
        "Bought again within", default=180,
        help="Days after the resolution of a complaint within which a purchase means that the "
        "customer bought again. Before they are over, nobody counts as lost.",
        groups="base.group_user", prefetch="customer_care")
    care_credit_user_id = fields.Many2one(
        "res.users", "Credit notes are made by", domain="[('share', '=', False)]",
        help="Gets an activity when somebody without invoicing rights asks for a credit note. "
        "Empty: the first user of the company with invoicing rights.",
        groups="base.group_user", prefetch="customer_care")
    care_hourly_cost = fields.Monetary(
        "Cost of an hour on cases",
        help="What an hour of an agent costs, in company currency. Where employees have an hourly "
        "cost of their own, theirs counts. It is kept with each entry: a change counts from then "
        "on.", groups="base.group_user", prefetch="customer_care")
    care_letter_elsewhere = fields.Text(
        "Where else the customer can turn", translate=True,
        help="Stands at the end of closing letters: an arbitration office, a complaints board.",
        groups="base.group_user", prefetch="customer_care")

    _care_bought_again_days_positive = models.Constraint(
        "CHECK(care_bought_again_days > 0)",
        "The days within which a customer buys again must be more than 0.")
    _care_hourly_cost_positive = models.Constraint(
        "CHECK(care_hourly_cost >= 0)", "The cost of an hour cannot be negative.")

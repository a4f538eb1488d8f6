from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CareRetentionCost(models.Model):
    """One cost of keeping customers that stands in no account, entered by hand.

    It belongs to the days from its first to its last, evenly; of an amount that serves other
    ends too, only the allocated part counts.
    """

    _name = "care.retention.cost"
    _description = "Retention cost"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char("Description", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    category_id = fields.Many2one("care.retention.category", required=True, ondelete="restrict")
    date_from = fields.Date("First day", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "Last day", required=True, compute="_compute_date_to", store=True, readonly=False,
        precompute=True,
        help="The cost is spread evenly from the first to the last day.")
    amount = fields.Monetary(required=True, help="Untaxed, in company currency.")
    percent = fields.Float(
        "Of it for retention", default=100.0, digits=(5, 2),
        help="Percent of the amount that keeps customers; the rest serves other ends.")
    amount_counted = fields.Monetary(
        "Counts with", compute="_compute_amount_counted", store=True)
    note = fields.Text()

    _in_order = models.Constraint(
        "CHECK(date_to >= date_from)", "The last day cannot lie before the first day.")
    _percent_within = models.Constraint(
        "CHECK(percent > 0 AND percent <= 100)",
        "The part for retention must be more than 0 and at most 100 percent.")
    # The costs of a period.
    _days_idx = models.Index("(company_id, date_from, date_to)")

    @api.constrains("amount")
    def _check_amount(self):
        if any(not cost.amount for cost in self):
            raise ValidationError(self.env._("A cost of 0 says nothing: enter an amount."))

    @api.depends("date_from")
    def _compute_date_to(self):
        """The month of the first day; what is written down keeps its last day if it can."""
        for cost in self:
            told = cost._origin and cost.date_to and cost.date_to >= cost.date_from
            if cost.date_from and not told:
                cost.date_to = fields.Date.end_of(cost.date_from, "month")

    @api.depends("amount", "percent")
    def _compute_amount_counted(self):
        for cost in self:
            cost.amount_counted = cost.amount * cost.percent / 100

    @api.model_create_multi
    def create(self, vals_list):
        costs = super().create(vals_list)
        costs._ask_for_count()
        return costs

    def write(self, vals):
        result = super().write(vals)
        self._ask_for_count()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_asks_for_count(self):
        self._ask_for_count()

    def _ask_for_count(self):
        """What is entered now need not wait for the night."""
        for company in self.company_id:
            self.env["care.night"]._wake("cost", company=company)

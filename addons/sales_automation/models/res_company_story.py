from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """Which deals ask for a story, and how their amounts are told."""

    _inherit = "res.company"

    sales_story_prompt = fields.Boolean(
        "Ask for Win Stories", default=True,
        help="Whoever wins a larger deal finds \"write the story\" in My Day.",
        groups="base.group_user", prefetch="sales_automation")
    sales_story_amount = fields.Monetary(
        "From an Amount of", default=10000.0, currency_field="currency_id",
        help="Expected revenue from which a won deal asks for its story.",
        groups="base.group_user", prefetch="sales_automation")
    sales_story_bands = fields.Char(
        "Deal Sizes", default="1000; 5000; 20000; 100000",
        help="Limits of the bands in which stories tell an amount, in company currency, with "
        "semicolons between them.",
        groups="base.group_user", prefetch="sales_automation")

    @api.constrains("sales_story_bands")
    def _check_sales_story_bands(self):
        for company in self:
            try:
                limits = company._get_story_limits()
            except ValueError as error:
                raise ValidationError(self.env._(
                    "Deal sizes: write amounts with semicolons between them, for example "
                    "1000; 5000; 20000.")) from error
            if any(limit <= 0 for limit in limits) or len(limits) > 20:
                raise ValidationError(self.env._(
                    "Deal sizes: at most 20 amounts, each above zero."))

    def _get_story_limits(self):
        self.ensure_one()
        return sorted({
            float(part) for part in (self.sales_story_bands or "").split(";") if part.strip()})

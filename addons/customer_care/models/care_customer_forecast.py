from odoo import api, fields, models
from odoo.tools import format_amount

from .moments import tell_day
from .optional import OptionalFloat, OptionalMonetary

#: A customer with one of these shows a forecast.
FORECAST_STATES = ("forecast", "indicative")


class CareCustomer(models.Model):
    _inherit = "care.customer"

    forecast_state = fields.Selection(
        [("forecast", "Forecast"), ("indicative", "Indicative"), ("history", "Revenue so far"),
         ("none", "No purchase")],
        "Forecast", readonly=True,
        help="Forecast: from a model that passed its test on the company's own past. Indicative: "
        "the same, with fewer than 100 repeat buyers. Revenue so far: there is no model to trust.")
    p_alive = OptionalFloat(
        "P(still buying)", readonly=True, digits=(16, 3), aggregator="avg",
        help="Probability that the customer has not left for good, from BG/NBD. Empty for who "
        "bought once: the model knows nothing about leaving before a second purchase. It is no "
        "test of churn; the status is.")
    expected_purchases = OptionalFloat(
        readonly=True, digits=(16, 2),
        help="Purchase days to be expected within the horizon of the settings, from the forecast's "
        "date on: BG/NBD, probability to have left included.")
    ltv_predicted = OptionalMonetary(
        "Predicted LTV", readonly=True,
        help="Expected purchases within the horizon x expected value of a purchase, untaxed, in "
        "company currency, discounted to the forecast's date. It adds to the historic LTV.")
    ltv_low = OptionalMonetary(
        "Predicted LTV, low", readonly=True, aggregator=None,
        help="One in ten such customers will buy fewer times than this stands for. Made from the "
        "number of purchases; the value of a purchase is taken as expected. The forecast model "
        "shows how many customers really ended inside.")
    ltv_high = OptionalMonetary(
        "Predicted LTV, high", readonly=True, aggregator=None,
        help="One in ten such customers will buy more times than this stands for.")
    forecast_at = fields.Datetime("Forecast made", readonly=True)
    forecast_model_id = fields.Many2one(
        "care.model", "Forecast model", readonly=True, index=False, ondelete="set null")
    money_hidden = fields.Boolean(related="forecast_model_id.money_hidden")
    alive_hidden = fields.Boolean(related="forecast_model_id.alive_hidden")
    ltv_margin = OptionalMonetary(
        "Predicted margin", compute="_compute_ltv_margin",
        help="Predicted LTV at the customer's own margin so far, on the part of his purchases "
        "whose cost is known.")
    forecast_note = fields.Char("About the forecast", compute="_compute_forecast_note")
    forecast_range = fields.Char(
        "8 of 10 such customers", compute="_compute_forecast_note",
        help="The range that leaves out the tenth who buy least and the tenth who buy most.")

    # Cohorts by first purchase, and surveys of who bought for the first time lately.
    _first_idx = models.Index("(company_id, first_purchase)")

    @api.depends("forecast_state", "expected_purchases", "ltv_predicted", "ltv_low", "ltv_high",
                 "forecast_model_id", "forecast_at")
    @api.depends_context("lang")
    def _compute_forecast_note(self):
        told_of = self.filtered(lambda customer: customer.forecast_state in FORECAST_STATES)
        # The verdict is for everybody who may see the figure, the card only for care's users.
        cards = self.env["care.model"].sudo()
        reasons = {company: cards._explain(company) for company in (self - told_of).company_id}
        for customer in self:
            told = customer in told_of
            customer.forecast_note = (
                customer._tell_forecast() if told else reasons.get(customer.company_id, False))
            customer.forecast_range = told and not customer.money_hidden and self.env._(
                "%(low)s to %(high)s",
                low=format_amount(self.env, customer.ltv_low, customer.currency_id),
                high=format_amount(self.env, customer.ltv_high, customer.currency_id))

    @api.depends("ltv_predicted", "margin_net", "margin_revenue")
    def _compute_ltv_margin(self):
        for customer in self:
            known = customer.margin_revenue
            customer.ltv_margin = customer.ltv_predicted * customer.margin_net / known if (
                known > 0) else 0.0

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._untold_columns()) if view_type == "list" else key

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """A list has no column for what is told of nobody; the record says why."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list":
            for name in self._untold_columns():
                for node in arch.xpath(f"//field[@name='{name}']"):
                    node.getparent().remove(node)
        return arch, view

    @api.model
    def _untold_columns(self) -> tuple[str, ...]:
        """Columns that the verdict on the companies' models leaves empty for every customer."""
        # The verdict is for everybody who may see the figure, the card only for care's users.
        cards = self.env["care.model"].sudo()
        told = [card for card in map(cards._current, self.env.companies) if card]
        return tuple(name for name, shown in (
            ("ltv_predicted", any(not card.money_hidden for card in told)),
            ("expected_purchases", bool(told)),
            ("p_alive", any(not card.alive_hidden for card in told))) if not shown)

    def action_open_forecast_model(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "care.model",
            "res_id": self.forecast_model_id.id,
            "views": [(False, "form")],
        }

    def _tell_forecast(self) -> str:
        """What the figures are for and how far such forecasts were off."""
        model = self.forecast_model_id.sudo()  # its test is told with the figure it belongs to
        parts = [self.env._(
            "For %(days)s days from %(day)s on. Such forecasts missed what all customers bought by "
            "%(missed)s in the test.",
            day=tell_day(self.env, self.company_id._care_today(self.forecast_at)),
            days=model.horizon_days, missed=model.missed)]
        if model.money_hidden:
            parts.append(self.env._("For how much could not be told well enough."))
        if self.purchase_days == 1:
            parts.append(self.env._(
                "Bought once so far: this is what one-time buyers usually do."))
        if self.forecast_state == "indicative":
            parts.append(self.env._(
                "Indicative: only %s customers have bought again.", model.repeaters))
        return " ".join(parts)

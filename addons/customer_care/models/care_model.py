from collections.abc import Callable
from functools import partial

from odoo import api, fields, models
from odoo.addons.customer_care.engine import bgnbd, gamma_gamma
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .moments import tell_day

#: A fit that may be used, with all caution in the second case.
IN_FORCE = ("used", "indicative")
#: Companies up to this size get their fit before the page comes back.
AT_ONCE = 20_000


class CareModel(models.Model):
    """The card of one fit: how one company's customers buy, found from their purchases on a day.

    It keeps what it was made of, how it did on the company's own last months, and the verdict.
    The newest finished fit decides whether customers show a forecast; a fit that failed changes
    nothing. Old cards stay. Written by care_model_fit.py, phase by phase.
    """

    _name = "care.model"
    _description = "Forecast model"
    _order = "fitted_on desc, id desc"
    _rec_name = "fitted_on"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("running", "Running"), ("used", "In use"), ("indicative", "Indicative"),
         ("refused", "Not used"), ("failed", "Failed")],
        required=True, readonly=True, default="running",
        help="In use: it beat the simple guesses on the company's own past. Indicative: it did, "
        "with fewer than 100 repeat buyers. Not used: customers show their revenue so far.")
    reason = fields.Char("Why not", readonly=True)
    chart = fields.Json("Expected and made, by groups", compute="_compute_verdict")
    tested = fields.Boolean(compute="_compute_verdict")
    missed = fields.Char("Missed by", compute="_compute_verdict")
    verdict = fields.Char(compute="_compute_verdict")
    meaning = fields.Char("What it means", compute="_compute_verdict")
    error = fields.Text(readonly=True)
    fitted_on = fields.Date(
        "As of", required=True, readonly=True, help="The last day whose documents it knows.")
    finished_at = fields.Datetime("Made", readonly=True)
    definition = fields.Integer(
        "Version of the definitions", readonly=True, aggregator=None,
        help="By which definition purchases were counted and valued.")
    horizon_days = fields.Integer(
        "Horizon", readonly=True, help="Days that its forecasts look ahead.")
    discount = fields.Float(
        readonly=True, help="Percent a year by which future money is worth less than today's.")

    customers = fields.Integer(
        readonly=True, help="Customers with at least one purchase whose dates are possible.")
    repeaters = fields.Integer("Repeat buyers", readonly=True,
                               help="Customers with two purchase days or more.")
    dropped = fields.Integer(
        "Impossible rows", readonly=True,
        help="Customers left out: their purchases lie in the future.")
    first_day = fields.Date("Oldest purchase", readonly=True)
    last_day = fields.Date("Latest purchase", readonly=True)

    # Kept to the last digit: forecasts are made from them.
    r = fields.Float(readonly=True)
    alpha = fields.Float(readonly=True, help="In days.")
    a = fields.Float(readonly=True)
    b = fields.Float(readonly=True)
    log_likelihood = fields.Float(readonly=True, digits=(16, 1), help="With times in days.")
    alive_hidden = fields.Boolean(
        "Loss not seen", readonly=True,
        help="The purchases show no sign of customers leaving: P(still buying) would be a number "
        "without meaning and is not shown.")
    money_hidden = fields.Boolean(
        "Money missed", readonly=True,
        help="The test missed the money spent by more than 25 %: customers show how often they "
        "are expected to buy, and not for how much.")
    money_reason = fields.Char(readonly=True)
    p = fields.Float(readonly=True)
    q = fields.Float(readonly=True)
    gamma = fields.Float(readonly=True)
    median_value = fields.Monetary(
        "Median purchase", readonly=True, help="Median over customers of their mean purchase.")
    value_correlation = fields.Float(
        "Correlation of number and value", readonly=True, digits=(16, 2),
        help="Between how often and for how much customers buy. The model takes them as "
        "independent; beyond 0.3 either way, values are less sure.")

    @api.depends("state", "reason", "repeaters", "customers", "error", "bins")
    @api.depends_context("lang")
    def _compute_verdict(self):
        for model in self:
            model.verdict = model._tell_verdict()
            model.meaning = model._tell_meaning()
            model.chart = model._prepare_chart()
            model.tested = bool(model.bins)
            model.missed = model.tested and model._tell_missed(model.total_error)

    @api.depends("fitted_on")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for model in self:
            model.display_name = self.env._(
                "Forecast of %s", tell_day(self.env, model.fitted_on))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_fit_now(self):
        """Fit the card's company, or the one at hand, anew; a large one is left to the cron."""
        self._check_manages_care()
        company = self[:1].company_id or self.env.company
        steps = ("fit", "forecast", "value")
        nights = self.env["care.night"].sudo()  # figures are written by the system
        small = self._query_size(company) <= AT_ONCE
        if small and company.care_forecast and self.env["care.customer"]._query_lock():
            nights._run_steps(company, fields.Datetime.now(), *steps)
        else:
            nights._wake(*steps, company=company)
        return self._get_newest_action(company)

    def _get_newest_action(self, company):
        """The newest card, or the list with its help."""
        action = self.env["ir.actions.act_window"]._for_xml_id("customer_care.care_model_action")
        model = self.search([("company_id", "=", company.id)], limit=1)
        if not model:
            return action
        return action | {"res_id": model.id, "views": [(False, "form")], "view_mode": "form"}

    def action_open_customers(self):
        self.ensure_one()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_customer_action") | {
                "domain": [("company_id", "=", self.company_id.id), ("purchase_days", ">", 0)]}

    def _check_manages_care(self):
        managers = "customer_care.group_customer_care_manager"
        if not (self.env.su or self.env.user.has_group(managers)):
            raise AccessError(self.env._("Only administrators of Customer Care may do this."))

    # ------------------------------------------------------------
    # What others ask
    # ------------------------------------------------------------

    @api.model
    def _newest(self, company):
        """The newest finished card of a company, whatever it says."""
        return self.search_fetch(  # read at once: each customer's form asks
            [("company_id", "=", company.id), ("state", "in", (*IN_FORCE, "refused"))],
            [field.name for field in self._fields.values() if field.store and field.column_type],
            limit=1)

    @api.model
    def _current(self, company):
        """The card that forecasts rest on; empty when the company has to do without."""
        if not company.care_forecast:
            return self.browse()
        return self._newest(company).filtered(lambda model: model.state in IN_FORCE)

    @api.model
    def _explain(self, company) -> str:
        """Why customers of the company show a forecast, or why they do not, in a sentence."""
        if not company.care_forecast:
            return self.env._("Forecasts are switched off. Shown: revenue so far.")
        model = self._newest(company)
        return model.verdict if model else self.env._(
            "No forecast was made yet: the night makes it. Shown: revenue so far.")

    def _params(self, prefix="") -> bgnbd.Params:
        self.ensure_one()
        return bgnbd.Params(*(self[prefix + name] for name in ("r", "alpha", "a", "b")))

    def _worth(self, prefix="") -> Callable[[int, float], float]:
        """Expected value of a purchase, from the number of purchases and their mean value."""
        self.ensure_one()
        median = self[prefix + "median_value"]
        if self[prefix + "money_reason"]:
            return partial(gamma_gamma.shrunk, median)
        return partial(gamma_gamma.expected_value, gamma_gamma.Params(
            self[prefix + "p"], self[prefix + "q"], self[prefix + "gamma"], median))

    def _query_size(self, company) -> int:
        """Customers of a company, counted no further than matters. care_customer's status index."""
        return self.env.execute_query(SQL(
            "SELECT COUNT(*) FROM (SELECT 1 FROM care_customer WHERE company_id = %s LIMIT %s) c",
            company.id, AT_ONCE + 1))[0][0]

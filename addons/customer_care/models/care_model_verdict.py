from odoo import models
from odoo.addons.customer_care.engine import backtest
from odoo.addons.customer_care.engine.gamma_gamma import MOST_CORRELATION

from .care_model_fit import TOO_SHORT
from .figures import tell_figure, tell_percent
from .moments import tell_day


class CareModel(models.Model):
    """What a card says, in sentences: the verdict, and what follows from it."""

    _inherit = "care.model"

    def _tell_verdict(self) -> str:
        self.ensure_one()
        _ = self.env._
        if self.state == "running":
            return _("The model is being made.")
        if self.state == "failed":
            return _("Could not be made: %s. The last forecasts stay.", self.error or "")
        if self.state == "refused":
            return _("%s Shown: revenue so far.", self._tell_refusal())
        tested = _(
            "On the last %(days)s days it expected %(expected)s purchases and %(made)s were made "
            "(%(missed)s). Per customer it was closer than guessing “as before” or “as everybody”.",
            days=self.test_days, expected=tell_figure(self.env, self.expected_total),
            made=tell_figure(self.env, self.actual_total),
            missed=self._tell_missed(self.total_error))
        if self.state == "indicative":
            return _(
                "Indicative: %(repeaters)s customers have bought again, from %(firm)s on it is "
                "firm. %(tested)s",
                repeaters=self.repeaters, firm=backtest.SURE_REPEATERS, tested=tested)
        return _("In use. %s", tested)

    def _tell_refusal(self) -> str:
        _ = self.env._
        cut = self.cut_day and tell_day(self.env, self.cut_day)
        sentences = {
            backtest.EMPTY: _("Nobody has bought yet."),
            backtest.FEW_CUSTOMERS: _(
                "Too little history: %(count)s customers have bought, %(needed)s are needed.",
                count=self.customers, needed=backtest.LEAST_CUSTOMERS),
            backtest.FEW_REPEATERS: _(
                "Too little history: %(count)s customers have bought again, %(needed)s are needed.",
                count=self.repeaters, needed=backtest.LEAST_REPEATERS),
            TOO_SHORT: _(
                "Too little history: the oldest purchase was on %s, three months are needed.",
                tell_day(self.env, self.first_day)),
            backtest.NO_BACKTEST: _(
                "Cannot be tested: before %s too few customers had bought again.", cut),
            backtest.NO_PURCHASES: _("Cannot be tested: nobody has bought since %s.", cut),
            backtest.NO_FIT: _("No regularity was found in these purchases."),
            backtest.NOT_BETTER: self._tell_naive(),
            backtest.TOTAL_OFF: _(
                "It missed the purchases of the last %(days)s days by %(missed)s; 25 %% is the "
                "limit.", days=self.test_days, missed=self._tell_missed(self.total_error)),
        }
        return sentences.get(self.reason) or sentences[backtest.NO_FIT]

    def _tell_naive(self) -> str:
        repeat, mean = self.naive_repeat_rmse, self.naive_mean_rmse
        guess = self.env._("as before") if repeat <= mean else self.env._("as everybody")
        return self.env._(
            "On the last %(days)s days a simple guess (“%(guess)s”) was as close: off by %(naive)s "
            "purchases per customer, the model by %(rmse)s.", days=self.test_days, guess=guess,
            naive=tell_figure(self.env, min(repeat, mean), 2),
            rmse=tell_figure(self.env, self.rmse, 2))

    def _tell_meaning(self) -> str:
        """What the reader has of it, and what to be careful with."""
        self.ensure_one()
        _ = self.env._
        if self.state not in ("used", "indicative"):
            return _("Customers show what they have spent so far, and no forecast.") if (
                self.state == "refused") else ""
        parts = [_("Customers show what they are expected to spend in the next %(days)s days, in "
                   "money of today.", days=self.horizon_days)]
        if self.money_hidden:
            parts = [_(
                "Customers show how often they are expected to buy in the next %(days)s days, and "
                "not for how much: in the test, the money spent was missed by %(missed)s; 25 %% is "
                "the limit.", days=self.horizon_days, missed=self._tell_missed(self.money_error))]
        elif self.money_reason:
            parts.append(self._tell_money())
        elif abs(self.value_correlation) > MOST_CORRELATION:
            parts.append(_(
                "Who buys more often also buys for %s: expected values are less sure.",
                _("more") if self.value_correlation > 0 else _("less")))
        if self.alive_hidden:
            parts.append(_("Nobody seems to leave for good: P(still buying) is not shown."))
        return " ".join(parts)

    def _tell_money_missed(self) -> str:
        return self._tell_missed(self.money_error)

    def _tell_missed(self, error: float) -> str:
        """By how much of what was made the test was off, with its sign."""
        return tell_percent(self.env, 100 * error, 0, signed=True)

    def _tell_money(self) -> str:
        return self.env._(
            "The values of purchases follow no pattern that could be learned: a purchase is "
            "expected to be worth the customer's own mean, mixed with the median.")

    def _prepare_chart(self) -> dict | bool:
        """Calibration: customers in groups by their forecast, expected beside made."""
        if not self.bins:
            return False
        groups = self.bins["purchases"]  # (lowest, highest, customers, expected, made) each
        more = backtest.MOST_PURCHASES
        return {
            "type": "bar",
            "labels": [f"{lowest:.0f}{'+' if lowest == more else ''}  (n={customers})"
                       for lowest, _highest, customers, _expected, _made in groups],
            "series": [
                {"label": self.env._("Expected"), "values": [round(one[3], 2) for one in groups]},
                {"label": self.env._("Made"), "values": [round(one[4], 2) for one in groups]},
            ],
        }

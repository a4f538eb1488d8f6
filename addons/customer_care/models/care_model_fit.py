import logging
from collections import Counter
from dataclasses import astuple
from datetime import timedelta

import psycopg2
from odoo import api, fields, models
from odoo.addons.customer_care.engine import backtest, bgnbd, gamma_gamma, outlook

from .conflicts import BUSY

_logger = logging.getLogger(__name__)

#: A test on fewer days would be weather, not climate.
MIN_TEST_DAYS = 30
TOO_SHORT = "short"
#: Parts of the history that stay for learning, to the one part that is kept for the test.
HISTORY_PARTS = 3


class CareModel(models.Model):
    """How a card comes to be: three phases, each committed by the night.

    begin      what is known today; the model of what was known before the last N days
    test       that model's forecasts against what happened in these days
    conclude   the model of everything known today, and the verdict
    """

    _inherit = "care.model"

    _one_running = models.UniqueIndex(
        "(company_id) WHERE state = 'running'", "A forecast model is being made already.")

    @api.model
    def _fit_phase(self, company, now, position, cut=None) -> int | None:
        """One phase of the company's fit; the next one, or None at the end.

        `cut` is the first day of the test, where it is not to be the horizon's. A card is made
        of the care records as they stand, whatever `now` is: one as of an earlier day would know
        refunds that came later. Only the test looks back, at what was known before its cut.
        """
        if not company.care_forecast:
            return None
        model = self.search([("company_id", "=", company.id), ("state", "=", "running")])
        if not position:
            model.unlink()  # of a night that was asked to begin again
            model = self._begin(company, now, cut)
        if not model:
            return None
        try:
            with self.env.cr.savepoint():
                (model._learn, model._test, model._conclude)[position]()
        except BUSY:
            raise
        except (ArithmeticError, ValueError, psycopg2.Error) as error:
            model.invalidate_recordset(flush=False)
            _logger.exception("Forecast model of company %s failed", company.id)
            model._set_failed(str(error))
        return position + 1 if model.state == "running" else None

    @api.model
    def _fit(self, company, now, cut=None):
        """All phases in this transaction; the card."""
        position = 0
        while position is not None:
            position = self._fit_phase(company, now, position, cut)
        return self.search([("company_id", "=", company.id)], limit=1)

    def _begin(self, company, now, cut):
        """A new card with what is known of the customers today."""
        self.env.flush_all()
        today = company._care_today(now)
        known = self._query_known(company, today)
        test_days = min(company.care_horizon_days, known["history"] // HISTORY_PARTS)
        return self.create({
            "company_id": company.id,
            "fitted_on": today,
            "definition": company._care_definition_version(),
            "horizon_days": company.care_horizon_days,
            "discount": company.care_discount,
            "cut_day": cut or today + timedelta(days=1 - test_days),
            **{name: known[name] for name in ("customers", "repeaters", "first_day", "last_day")},
        })

    def _learn(self):
        """Before the cut: the model as it would have been, or a reason to stop here."""
        if reason := self._too_little():
            self._set_refused(reason)
            return
        known = self._query_known_before_cut()
        found = bgnbd.fit(next(known, ()))
        if not found.params:
            self._set_refused(backtest.NO_BACKTEST)
            return
        self.write({
            "cut_customers": found.customers,
            "cut_repeaters": found.repeaters,
            **self._prepare_purchase_vals(found, "cut_"),
            **self._prepare_money_vals(gamma_gamma.fit(next(known)), "cut_"),
        })

    def _test(self):
        """The cut's forecasts beside what happened since."""
        params, worth, days = self._params("cut_"), self._worth("cut_"), self.test_days
        tally, ranges, expected, spent = backtest.Tally(), Counter(), 0.0, 0.0
        for x, t_x, age, before, made, customers, means, amount in self._query_happened():
            if t_x > age:
                continue  # dropped by the fit too
            forecast = bgnbd.expected_purchases(params, days, x, t_x, age)
            few, many = outlook.purchase_range(params, days, x, t_x, age, forecast)
            tally.add(backtest.Outcome(x, age, before, forecast, made, customers))
            ranges[few, many, made] += customers
            # the expected value is linear in the mean: one sum stands for all who are alike
            expected += customers * forecast * worth(x + 1, means / customers)
            spent += amount
        report = tally.report(days)
        self.write({
            **self._prepare_report_vals(report),
            "coverage": outlook.coverage((*one, n) for one, n in ranges.items()),
            "money_expected": expected,
            "money_actual": spent,
            "money_error": (expected - spent) / spent if spent > 0 else 0.0,
        })

    def _too_little(self) -> str:
        """Why no model can be made, whatever it would say; "" when one can."""
        if self.customers < backtest.LEAST_CUSTOMERS:
            return backtest.FEW_CUSTOMERS
        if self.repeaters < backtest.LEAST_REPEATERS:
            return backtest.FEW_REPEATERS
        return TOO_SHORT if self.test_days < MIN_TEST_DAYS else ""

    def _conclude(self):
        """Everything that is known today, and the verdict."""
        found = bgnbd.fit(self._query_known_today())
        self.write({
            "customers": found.customers,
            "repeaters": found.repeaters,
            "dropped": found.dropped,
            **self._prepare_purchase_vals(found, ""),
            **self._prepare_money_vals(gamma_gamma.fit(self._query_spending()), ""),
        })
        self._judge(found)

    def _judge(self, found: bgnbd.Fit):
        """The verdict; a sum of money that was missed too far hides money alone."""
        verdict = backtest.verdict(found, self._report())
        self.alive_hidden = bool(verdict.alive_reason)
        self.money_hidden = (
            self.money_actual <= 0 or abs(self.money_error) > backtest.MOST_TOTAL_ERROR)
        if not verdict.usable:
            self._set_refused(verdict.reasons[0])
            return
        self._set_in_force("used" if verdict.level == backtest.GOOD else "indicative")

    def _report(self) -> backtest.Report:
        """What the verdict asks of the test, from the card."""
        if self.test_reason:
            return backtest.Report(reason=self.test_reason)
        return backtest.Report(
            errors=backtest.Errors(self.rmse, self.mae, self.total_error),
            naive_repeat=backtest.Errors(self.naive_repeat_rmse, 0.0, None),
            naive_mean=backtest.Errors(self.naive_mean_rmse, 0.0, None))

    # ------------------------------------------------------------
    # States
    # ------------------------------------------------------------

    def _set_in_force(self, state):
        self.write({"state": state, "finished_at": fields.Datetime.now()})

    def _set_refused(self, reason):
        self.write({
            "state": "refused", "reason": reason, "finished_at": fields.Datetime.now()})

    def _set_failed(self, error):
        self.write({
            "state": "failed", "error": error, "finished_at": fields.Datetime.now()})

    # ------------------------------------------------------------
    # Values
    # ------------------------------------------------------------

    def _prepare_purchase_vals(self, found: bgnbd.Fit, prefix) -> dict:
        if not found.params:
            return {}
        return {
            prefix + "log_likelihood": found.log_likelihood,
            **{prefix + name: value for name, value in vars(found.params).items()},
        }

    def _prepare_report_vals(self, report: backtest.Report) -> dict:
        if report.reason:
            return {"test_reason": report.reason}
        return {
            "expected_total": report.forecast,
            "actual_total": report.actual,
            "total_error": report.total_error,
            "rmse": report.rmse,
            "mae": report.mae,
            "naive_repeat_rmse": report.naive_repeat.rmse,
            "naive_mean_rmse": report.naive_mean.rmse,
            "gini": report.gini,
            "top_decile": report.top_decile,
            "bins": {
                "forecast": [list(one) for one in map(astuple, report.bins)],
                "purchases": [list(one) for one in map(astuple, report.by_purchases)],
            },
        }

    def _prepare_money_vals(self, found: gamma_gamma.Fit, prefix) -> dict:
        params = found.params
        return {
            prefix + "median_value": found.median,
            prefix + "money_reason": found.reason,
            prefix + "value_correlation": found.correlation,
            **{prefix + name: getattr(params, name) for name in ("p", "q", "gamma") if params},
        }

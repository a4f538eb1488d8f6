from datetime import timedelta

from odoo import api, models
from odoo.addons.customer_care.engine import outlook
from odoo.tools import SQL

from .arrays import as_array
from .care_figures import Scope

#: Customers that one chunk of the night looks at.
CHUNK = 20_000
#: A forecast is as good for a week; then the passing days are counted in. (Half a day less than
#: that: a night that begins a little earlier than the last one still finds it old.)
KEPT = timedelta(days=6, hours=12)
COLUMNS = ("p_alive", "expected_purchases", "ltv_predicted", "ltv_low", "ltv_high")


class CareForecast(models.AbstractModel):
    """What the company's model says of each customer, written onto the care records.

    A forecast belongs to a model and to a day. It is made anew when the model is another one,
    when the customer's figures changed since, and after a week; every other customer is left
    alone. Without a model in force the columns are emptied.
    """

    _name = "care.forecast"
    _description = "Forecasts of customers"

    @api.model
    def _refresh_chunk(self, company, now, position) -> int | None:
        """The customers behind a partner id that are due; the last partner looked at, or None."""
        until = self._query_chunk_end(company, position)
        if until is None:
            return None
        self._refresh_scope(company, Scope(after=position, until=until), now)
        return until

    @api.model
    def _refresh_scope(self, company, scope: Scope, now) -> int:
        """The forecasts of these customers, as far as they are due; how many were written."""
        self.env.flush_all()
        model = self.env["care.model"].sudo()._current(company)  # figures rest on it for everybody
        if model:
            rows = self._query_due(company, model, scope, now)
            written = self._query_write(model, now, self._forecast(model, rows))
        else:
            written = 0
        written += self._query_empty(company, scope, everybody=not model)
        if written:
            self.env["care.customer"].invalidate_model(flush=False)
        return written

    @api.model
    def _forecast(self, model, rows) -> list[tuple]:
        """(care record id, *COLUMNS) of rows (id, x, t_x, T, mean value)."""
        params, worth = model._params(), model._worth()
        horizon, discount = model.horizon_days, model.discount / 100
        found = []
        for care_id, x, t_x, age, mean in rows:
            one = outlook.outlook(params, horizon, discount, x, t_x, age, worth(x + 1, mean))
            alive = None if model.alive_hidden else one.alive
            money = (None, None, None) if model.money_hidden else (one.value, one.low, one.high)
            found.append((care_id, alive, one.purchases, *money))
        return found

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_chunk_end(self, company, position) -> int | None:
        """Last partner of the next chunk. Unique index (partner_id, company_id)."""
        return self.env.execute_query(SQL(
            """SELECT MAX(partner_id)
                 FROM (SELECT partner_id FROM care_customer
                        WHERE company_id = %s AND partner_id > %s
                     ORDER BY partner_id LIMIT %s) chunk""",
            company.id, position, CHUNK))[0][0]

    def _query_due(self, company, model, scope: Scope, now) -> list[tuple]:
        """Rows (id, x, t_x, T, mean value) of customers whose forecast is missing or old.

        A first or last purchase in the future (an invoice dated ahead) counts as today's.
        Unique index (partner_id, company_id).
        """
        return self.env.execute_query(SQL(
            """SELECT id, purchase_days - 1, last_purchase - first_purchase,
                      GREATEST(%(today)s::date - first_purchase,
                               last_purchase - first_purchase, 1),
                      (revenue_net / purchase_days)::float8
                 FROM care_customer k
                WHERE company_id = %(company)s AND %(scope)s AND purchase_days > 0
                  AND (forecast_model_id IS DISTINCT FROM %(model)s
                       OR forecast_at IS NULL OR forecast_at > %(now)s
                       OR forecast_at <= %(old)s OR computed_at >= forecast_at)""",
            company=company.id, model=model.id, today=company._care_today(now), now=now,
            old=now - KEPT,
            scope=self._query_scope(scope)))

    def _query_write(self, model, now, forecasts) -> int:
        if not forecasts:
            return 0
        ids, *values = map(as_array, zip(*forecasts, strict=True))
        return len(self.env.execute_query(SQL(
            """UPDATE care_customer k
                  SET (%(columns)s) = (f.alive, f.purchases, f.value, f.low, f.high),
                      forecast_state = %(state)s, forecast_at = %(now)s,
                      forecast_model_id = %(model)s
                 FROM unnest(%(ids)s::int[], %(values)s)
                      AS f (id, alive, purchases, value, low, high)
                WHERE k.id = f.id
            RETURNING 1""",
            columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
            state="forecast" if model.state == "used" else "indicative",
            now=now, model=model.id, ids=ids,
            values=SQL(", ").join(SQL("%s::float8[]", column) for column in values))))

    def _query_empty(self, company, scope: Scope, everybody: bool) -> int:
        """Customers without a forecast say so: those without a purchase, or everybody."""
        return len(self.env.execute_query(SQL(
            """UPDATE care_customer k
                  SET p_alive = NULL, expected_purchases = NULL, ltv_predicted = NULL,
                      ltv_low = NULL, ltv_high = NULL, forecast_at = NULL,
                      forecast_model_id = NULL,
                      forecast_state = CASE WHEN purchase_days > 0
                                            THEN 'history' ELSE 'none' END
                WHERE company_id = %(company)s AND %(scope)s
                  AND (%(everybody)s OR purchase_days = 0)
                  AND forecast_state IS DISTINCT FROM
                      CASE WHEN purchase_days > 0 THEN 'history' ELSE 'none' END
            RETURNING 1""",
            company=company.id, everybody=everybody, scope=self._query_scope(scope))))

    def _query_scope(self, scope: Scope) -> SQL:
        return self.env["care.purchases"]._query_scope(scope, SQL("k.partner_id"))

from odoo import api, models

from .figures import tell_figure

#: Cohorts on the dashboard's curve; the screen behind it has more.
SHOWN = 4


class CareDashboard(models.AbstractModel):
    """What customers are expected to spend, and what they spent since they came."""

    _inherit = "care.dashboard"

    @api.model
    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "value": {"title": self.env._("LTV curve"), "icon": "fa-line-chart",
                      "sequence": 45, "span": 8},
            "forecast": {"title": self.env._("Expected from customers"), "icon": "fa-binoculars",
                         "sequence": 46, "span": 4},
        }

    def _dashboard_forecast(self, scope):
        """The sum of the forecasts, with how far such a sum was off; or why there is none."""
        _, card = self.env._, self.env["care.model"]
        model = card._current(scope.company)
        if not model:
            newest = card._newest(scope.company)
            return {
                "few": card._explain(scope.company),
                "action": newest and self._open_card(newest)}
        domain = [*self._here(scope), ("forecast_state", "in", ("forecast", "indicative"))]
        count, purchases, money = self.env["care.customer"]._read_group(
            domain, [], ["__count", "expected_purchases:sum", "ltv_predicted:sum"])[0]
        action = self._open(_("Customers with a forecast"), "care.customer", domain)
        purchases = tell_figure(self.env, purchases or 0)
        if model.money_hidden:
            return {
                "figure": _("%s purchases", purchases), "action": action,
                "note": _("of %(count)s customers in %(days)s days; such a sum was missed by "
                          "%(missed)s in the test. For how much could not be told well enough.",
                          count=count, days=model.horizon_days, missed=model.missed)}
        return {
            "figure": self._tell_money(money or 0, scope), "action": action,
            "note": _("of %(count)s customers in %(days)s days, %(purchases)s purchases; in the "
                      "test, money was missed by %(money)s and purchases by %(missed)s.",
                      count=count, days=model.horizon_days, purchases=purchases,
                      money=model._tell_money_missed(), missed=model.missed)}

    def _open_card(self, model):
        return {
            "type": "ir.actions.act_window", "name": model.display_name,
            "res_model": "care.model", "res_id": model.id, "views": [(False, "form")]}

    def _dashboard_value(self, scope):
        """Revenue per customer by months since the first purchase, a line per year."""
        curve = self.env["care.value.cohort"].with_company(scope.company).get_curve()
        cohorts = curve["cohorts"][-SHOWN:]
        if not cohorts:
            return {"few": self.env._(
                "Too little history: no year with %s customers who have been with you for a "
                "month.", curve["few"])}
        longest = max(len(cohort["points"]) for cohort in cohorts)
        return {
            "figure": self._tell_money(cohorts[-1]["points"][-1], scope),
            "note": self.env._(
                "per customer won in %(year)s, within %(months)s months. By months since the "
                "first purchase:", year=cohorts[-1]["label"], months=len(cohorts[-1]["points"])),
            "action": {"type": "ir.actions.client", "name": self.env._("LTV Curve"),
                       "tag": "customer_care.value_curve"},
            "chart": {
                "type": "line", "kind": "money", "labels": list(range(longest + 1)),
                "series": [{"label": cohort["label"], "values": [0, *cohort["points"]]}
                           for cohort in cohorts]},
        }

from odoo import models

from .figures import tell_figure, tell_percent
from .moments import tell_month

#: Customers active at the start below which a rate is not shown on the dashboard.
ENOUGH = 20
#: Cohorts in the picture.
COHORTS = 6


class CareDashboard(models.AbstractModel):
    """Churn, retention, who came back and the cohorts, all as printed."""

    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        _ = self.env._
        return super()._dashboard_tiles() | {
            "churn": {"title": _("Churn"), "icon": "fa-line-chart", "sequence": 30, "span": 8},
            "retention": {"title": _("Retention over twelve months"), "icon": "fa-heart",
                          "sequence": 32, "span": 4},
            "reactivated": {"title": _("Came back"), "icon": "fa-undo", "sequence": 34, "span": 4},
            "cohorts": {"title": _("Retention by cohort"), "icon": "fa-th", "sequence": 36,
                        "span": 8},
        }

    def _printed(self, scope, span):
        """Printed periods that end before the page's span does, the oldest first."""
        return self.env["care.churn.period"]._told(scope.company, span).filtered(
            lambda period: period.last_month < scope.last)

    def _report_action(self, name):
        return self.env["ir.actions.client"]._for_xml_id(f"customer_care.care_churn_{name}_action")

    def _dashboard_churn(self, scope):
        """The last printed month of the page's span, and the twelve up to it."""
        months = self._printed(scope, "month")[-12:]
        if not months:
            return {"few": self.env._(
                "Churn is told when the first month is printed, %s days after its end.",
                scope.company.care_close_days)}
        last, before = months[-1], months[-2:-1]
        note = self.env._(
            "%(month)s: %(lost)s of %(active)s customers active at its start were lost.",
            month=last.display_name, lost=last.lost, active=last.active_start)
        tile = {"action": self._report_action("trend"), "note": note}
        if last.active_start < ENOUGH:
            return tile | {"few": self.env._(
                "Too few for a rate: %(count)s active customers, %(enough)s are needed.",
                count=last.active_start, enough=ENOUGH)}
        if before and before.active_start >= ENOUGH:
            tile["trend"] = self._tell_trend(last.churn_rate - before.churn_rate)
        worth = self.env._("Revenue churn: %(gross)s gross, %(net)s net.",
                           gross=last.gross_text, net=last.net_text)
        return tile | {"figure": tell_percent(self.env, last.churn_rate), "note": f"{note} {worth}",
                       "chart": self.env["care.churn.report"]._get_chart(months)}

    def _tell_trend(self, points):
        if abs(points) < 0.05:
            return {"text": self.env._("as the month before"), "tone": "muted"}
        text = self.env._("%s points against the month before",
                          tell_figure(self.env, points, 1, signed=True))
        return {"text": text, "tone": "danger" if points > 0 else "success"}

    def _dashboard_retention(self, scope):
        last = self._printed(scope, "rolling")[-1:]
        if not last:
            return {"few": self.env._(
                "Too little history: twelve printed months are needed to say how many customers "
                "stay for a year.")}
        tile = {"action": last._get_figure_action("retained"), "note": self.env._(
            "%(retained)s of the %(active)s customers active twelve months before were still "
            "active at the end of %(month)s.", retained=last.retained, active=last.active_start,
            month=tell_month(self.env, last.last_month))}
        if last.active_start < ENOUGH:
            return tile | {"few": self.env._(
                "Too few for a rate: %(count)s active customers, %(enough)s are needed.",
                count=last.active_start, enough=ENOUGH)}
        return tile | {"figure": tell_percent(self.env, last.retention_rate)}

    def _dashboard_reactivated(self, scope):
        """Those who had been lost and bought again, in the printed months of the page's span."""
        months = self._printed(scope, "month").filtered(
            lambda period: period.date_from >= scope.first)
        if not months:
            return False
        basis = ("in_both", "=", True) if months[-1].kind == "both" else (
            "basis", "=", months[-1].kind)
        domain = [*self._here(scope), ("event", "=", "reactivated"), basis,
                  ("month", ">=", str(months[0].date_from)),
                  ("month", "<=", str(months[-1].date_from))]
        back, lost = sum(months.mapped("reactivated")), sum(months.mapped("lost"))
        return {
            "figure": str(back), "note": self.env._(
                "bought again after they had been lost; %(lost)s were lost in the same months, "
                "%(first)s to %(last)s.", lost=lost, first=months[0].display_name,
                last=months[-1].display_name),
            "action": self._open(
                self.env._("Came back"), "care.customer.month", domain, ("list", "pivot")),
        }

    def _dashboard_cohorts(self, scope):
        report = self.env["care.churn.report"].with_company(scope.company)
        kinds = report._kinds()
        heat = report._get_heat(kinds[-1], "quarter", "active", COHORTS) if kinds else False
        return heat and {"heat": heat, "note": self.env._(
            "Customers by the quarter of their first purchase: who is still one, by age.")}

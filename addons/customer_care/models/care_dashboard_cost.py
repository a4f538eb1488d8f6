from datetime import timedelta

from odoo import api, models

from .care_agreement import LIVE
from .care_dashboard import NAMED

#: Days ahead in which an end is worth a look.
AHEAD = 90


class CareDashboard(models.AbstractModel):
    _inherit = "care.dashboard"

    @api.model
    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "cost": {"title": self.env._("Cost of keeping a customer"), "icon": "fa-money",
                     "sequence": 39, "span": 4},
            "agreements": {"title": self.env._("Agreements that end"),
                           "icon": "fa-calendar-times-o", "sequence": 38, "span": 8},
        }

    def _dashboard_cost(self, scope):
        """The latest printed month of the period, and its line through the months."""
        periods = self.env["care.cost.period"]
        here = [*self._here(scope), ("grain", "=", "month")]
        months = periods.search(
            [*here, ("date_from", ">=", scope.first), ("date_from", "<", scope.last)],
            order="date_from")
        if not months:
            return {"few": self.env._("No month printed yet.") if periods.search_count(
                here, limit=1) else self.env._(
                    "No retention cost yet: mark an analytic account as retention cost.")}
        last = months[-1]
        return {
            "figure": last.per_retained_text,
            "note": f"{last.display_name}: {last.sum_text}",
            "action": self._open(
                self.env._("Retention cost"), "care.cost.period",
                [("id", "in", months.ids)]),
            "chart": len(months) > 1 and {
                "type": "line", "kind": "money",
                "labels": months.mapped("display_name"),
                "series": [{
                    "label": self.env._("Cost per retained customer"),
                    "values": [month.per_retained if month.retained else None
                               for month in months]}],
                "actions": [self._open_record(month) for month in months],
            },
        }

    def _dashboard_agreements(self, scope):
        """What ends in the days to come, the first end first; it does not hang on the period."""
        agreements = self.env["care.agreement"]
        if not agreements.search_count(self._here(scope), limit=1):
            return False
        domain = [*self._here(scope), ("state", "in", LIVE), ("renewal", "!=", "auto"),
                  ("date_end", "<", scope.today + timedelta(days=AHEAD))]
        count, monthly = agreements._read_group(
            domain, [], ["__count", "monthly_company:sum"])[0]
        if not count:
            return {"few": self.env._("No agreement ends within %s days.", AHEAD)}
        _ = self.env._
        return {
            "figure": str(count),
            "note": _("They end within %(days)s days and bring %(money)s per month:",
                      days=AHEAD, money=self._tell_money(monthly, scope)),
            "action": self._open(_("Agreements that end"), "care.agreement", domain),
            "table": {
                "columns": [_("Customer"), _("Agreement"), _("Per month"), _("What happens")],
                "numbers": [2],
                "rows": [[
                    {"text": one.partner_id.display_name, "action": self._open_record(one)},
                    {"text": f"{one.name} · {one.type_id.name}"},
                    {"text": self._tell_money(one.monthly_company, scope)},
                    {"text": one.situation},
                ] for one in agreements.search(domain, limit=NAMED, order="date_end, id")],
            },
        }

    def _open_record(self, record):
        return {"type": "ir.actions.act_window", "name": record.display_name,
                "res_model": record._name, "res_id": record.id, "views": [(False, "form")]}

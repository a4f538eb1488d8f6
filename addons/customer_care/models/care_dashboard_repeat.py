from odoo import api, models

from .care_dashboard_churn import ENOUGH
from .figures import tell_percent


class CareDashboard(models.AbstractModel):
    """How many of those who bought came back for more."""

    _inherit = "care.dashboard"

    @api.model
    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "repeat": {"title": self.env._("Repeat rate"), "icon": "fa-repeat", "sequence": 72,
                       "span": 4},
        }

    def _dashboard_repeat(self, scope):
        """Since the first day, not of the page's span: who came lately had no time to come back."""
        _ = self.env._
        buyers = self.env["care.customer"]._tell_buyers(scope.company)
        if not buyers.count:
            return {"few": _("n/a: nobody has bought yet.")}
        once, again = (
            self._open(name, "care.customer", [*self._here(scope), ("purchase_days", *days)])
            for name, days in (
                (_("Bought once"), ("=", 1)), (_("Bought again"), (">", 1))))
        tile = {
            "action": again, "note": _(
                "%(again)s of the %(count)s customers who ever bought did so on two days or more.",
                again=buyers.again, count=buyers.count),
            "chart": {
                "type": "hbar", "kind": "count", "labels": [once["name"], again["name"]],
                "series": [{"label": _("Customers"),
                            "values": [buyers.count - buyers.again, buyers.again]}],
                "actions": [once, again]},
        }
        if buyers.count < ENOUGH:
            return tile | {"few": _(
                "Too few for a rate: %(count)s customers have bought, %(enough)s are needed.",
                count=buyers.count, enough=ENOUGH)}
        return tile | {"figure": tell_percent(self.env, buyers.repeat_rate)}

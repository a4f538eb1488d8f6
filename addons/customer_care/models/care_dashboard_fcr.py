from datetime import datetime, time

import pytz
from odoo import models
from odoo.addons.customer_care.engine import fcr

from .figures import tell_percent


class CareDashboard(models.AbstractModel):
    """How many cases one contact of the customer was enough for."""

    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "fcr": {"title": self.env._("First contact resolution"), "icon": "fa-bullseye",
                    "sequence": 7, "span": 4},
        }

    def _dashboard_fcr(self, scope):
        """Cases first resolved in the page's span; whose window still runs are told apart."""
        _ = self.env._
        start, end = (self._moment(scope.company, day) for day in (scope.first, scope.last))
        domain = [*self._here(scope), ("resolved_at", ">=", start), ("resolved_at", "<", end)]
        told = dict(self.env["care.case"]._read_group(domain, ["fcr_state"], ["__count"]))
        yes, pending = told.get("yes", 0), told.get("pending", 0)
        matured = yes + told.get("no", 0)
        if not matured + pending:
            return {"few": _("n/a: no case was resolved in this time.")}
        states = ("yes", "no") if matured else ("pending",)
        tile = {
            "action": self._open(_("First contact resolution"), "care.case",
                                 [*domain, ("fcr_state", "in", states)], group_by=["fcr_state"]),
            "note": _("%(yes)s of %(matured)s cases resolved with one contact; %(pending)s wait "
                      "for the end of their window.", yes=yes, matured=matured,
                      pending=pending),
        }
        if matured < fcr.ENOUGH:
            return tile | {"few": _(
                "Too few for a rate: %(count)s cases counted, %(enough)s are needed.",
                count=matured, enough=fcr.ENOUGH)}
        low, high = fcr.interval(yes, matured)
        sure = _("95 %% sure: %(low)s to %(high)s %%.", low=round(low), high=round(high))
        return tile | {"figure": tell_percent(self.env, 100 * yes / matured),
                       "note": " ".join([tile["note"], sure, *self._tell_nameless(domain)])}

    def _tell_nameless(self, domain):
        """Cases of which a second one about the same would not be seen."""
        nameless = self.env["care.case"].search_count([
            *domain, ("fcr_state", "=", "yes"), ("category_id", "=", False),
            ("product_id", "=", False)])
        if not nameless:
            return []
        return [self.env._(
            "%s of them have neither category nor product: a second case about the same would "
            "not be recognised.", nameless)]

    def _moment(self, company, day):
        """The moment at which a day of the company begins, in UTC."""
        zone = pytz.timezone(company._care_zone())
        begin = zone.localize(datetime.combine(day, time.min))
        return begin.astimezone(pytz.utc).replace(tzinfo=None)

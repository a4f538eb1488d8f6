from datetime import timedelta

from odoo import models
from odoo.addons.customer_care.engine import churn

from .moments import tell_day

#: What is added up, as on the page: the customers, then their money.
FIGURES = ("active_start", "lost", "reactivated", "arrived")
AMOUNTS = ("revenue_start", "revenue_lost")


class CareChurnReport(models.AbstractModel):
    """How purchases and agreements add up to both, and why both is told later."""

    _inherit = "care.churn.report"

    def _tell_parts(self, period):
        """The latest period of both kinds as a sum; False where there is nothing to add up."""
        if period.kind != "both":
            return False
        parts = {
            kind: self._periods(kind, period.span).filtered(
                lambda p: p.date_from == period.date_from)
            for kind in ("purchases", "agreements")}
        if not all(parts.values()):
            return False
        _ = self.env._
        labels = dict(period._fields["kind"]._description_selection(self.env))
        return {
            "title": _("How “%(both)s” adds up, %(period)s",
                       both=labels["both"], period=period.display_name),
            "note": _(
                "A customer who buys and is under agreement stands in both kinds. Together he "
                "counts once and is judged by his agreement: that is why “%s” is smaller than its "
                "parts.", labels["both"]),
            "table": {
                "columns": [_("Kind"), *(
                    period._fields[name]._description_string(self.env)
                    for name in (*FIGURES, *AMOUNTS))],
                "numbers": list(range(1, 1 + len(FIGURES) + len(AMOUNTS))),
                "rows": [
                    self._part(labels["purchases"], parts["purchases"]),
                    self._part_twice(period, **parts),
                    self._part(f"+ {labels['agreements']}", parts["agreements"]),
                    self._part(f"= {labels['both']}", period),
                ],
            },
        }

    def _part(self, label, period):
        return [{"text": label, "action": self._open_period(period)},
                *(self._cell(period, name) for name in FIGURES),
                *({"text": self._money(period[name])} for name in AMOUNTS)]

    def _part_twice(self, both, purchases, agreements):
        """Who is taken off, as a month's rows say of each customer; longer spans only count."""
        def left(name):
            return both[name] - purchases[name] - agreements[name]

        def cell(name):
            action = False
            if left(name) and both.span == "month":
                action = purchases._get_figure_action(name)
                action["domain"] = [*action["domain"], ("in_both", "=", False)]
            return {"text": str(left(name)), "action": action}

        return [{"text": self.env._("Less by purchases: under agreement")},
                *(cell(name) for name in FIGURES),
                *({"text": self._money(left(name))} for name in AMOUNTS)]

    def _tell_waiting(self, period):
        """Why the last month by purchases is not on a page that agreements decide."""
        if period.kind == "purchases":
            return []
        newest = self._periods("purchases", "month")[-1:]
        if newest.date_from <= period.last_month:
            return []
        decided = churn.next_month(newest.date_from) + timedelta(
            days=newest.definition_id.grace_days + 1)
        return [self.env._(
            "%(month)s is printed by purchases alone so far. Agreements that ended in it can still "
            "be renewed: it stands here from %(day)s on.",
            month=newest.display_name, day=tell_day(self.env, decided))]

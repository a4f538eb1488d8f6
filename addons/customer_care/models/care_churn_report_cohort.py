from odoo import api, models
from odoo.addons.customer_care.engine import churn

from .moments import tell_month, tell_quarter

#: Cohorts, and ages, that fit on a page.
SHOWN = {"month": 24, "quarter": 12}
#: Customers of a cohort from which a share is worth a percent sign.
ENOUGH = 10


class CareChurnReport(models.AbstractModel):
    """The retention map: of those who bought first in one month, how many are still customers."""

    _inherit = "care.churn.report"

    @api.model
    def get_cohorts(self, choices=None):
        """The page of the map; each cell opens its customers."""
        self._check_reader()
        choices = choices or {}
        kinds = self._kinds()
        kind = choices.get("kind") if choices.get("kind") in kinds else (kinds or ["purchases"])[-1]
        span = choices.get("span") if choices.get("span") in SHOWN else "quarter"
        shown = choices.get("shown") if choices.get("shown") in self._measures(span) else "active"
        page = {
            "title": self.env._("Retention by cohort"), "chart": False, "table": False,
            "few": False, "warnings": [], "lead": self._tell_measure(span, shown),
            "notes": [self.env._(
                "A row is the customers who bought first in that period, a column the time since. "
                "A cell opens its customers. Cohorts of fewer than %s customers show counts "
                "instead of a share. Customers keep the cohort they were first printed in; one who "
                "became known late joins his from then on.", ENOUGH)],
            "choices": [self._choice("span", self.env["care.churn.period"]._fields["span"],
                                     list(SHOWN), span),
                        {"key": "shown", "label": self.env._("Shown"), "value": shown,
                         "options": [list(each) for each in self._measures(span).items()]},
                        self._kind_choice(kinds, kind)],
        }
        heat = self._get_heat(kind, span, shown, SHOWN[span])
        return page | ({"heat": heat} if heat else self._tell_nothing(span) | {"heat": False})

    def _measures(self, span):
        measures = {"active": self.env._("Still customers")}
        if span == "month":
            measures["bought"] = self.env._("Bought in the month")
        return measures

    def _tell_measure(self, span, shown):
        if shown == "bought":
            return self.env._("Who bought again in each month after the first.")
        if span == "quarter":
            return self.env._("Who is still a customer at the end of each quarter after the first.")
        return self.env._("Who is still a customer at the end of each month after the first.")

    @api.model
    def _get_heat(self, kind, span, shown, size):
        """The map of the latest cohorts, for the component CareHeat; False without any."""
        length = 1 if span == "month" else 3
        found = self._fold(kind, span, "active_end" if shown == "active" else "buyers")
        cohorts = sorted(found)[-size:]
        if not cohorts:
            return False
        ages = range(max(max(found[cohort]["cells"], default=0) for cohort in cohorts) + 1)
        rows = [self._total_row({c: found[c] for c in cohorts}, ages)]
        for cohort in reversed(cohorts):
            story = found[cohort]
            cells = [
                self._heat_cell(kind, shown, cohort, story, age, length)
                if age in story["cells"] else False for age in ages]
            rows.append({"label": self._tell_cohort(cohort, span),
                         "note": self.env._("%s new", story["size"]), "cells": cells})
        first = self.env._("First quarter") if span == "quarter" else self.env._("First month")
        return {"columns": [first, *(f"+{age}" for age in ages[1:])], "rows": rows}

    def _fold(self, kind, span, measure):
        """{first month of the cohort: {"size", "cells": {age: (count, size then, month)}}}.

        A quarter is told by its last month: only quarters that were printed to their end count.
        Of a cohort without rows in a printed month nobody is left, which is a cell as well.
        """
        cells = self.env["care.churn.cohort"].search([
            ("company_id", "=", self.env.company.id), ("kind", "=", kind)])
        length = 1 if span == "month" else 3
        told = {}
        for cell in cells:
            begun = churn.next_month(cell.cohort, -((cell.cohort.month - 1) % length))
            arrived, count = told.setdefault(begun, {}).get(cell.month, (0, 0))
            told[begun][cell.month] = (arrived + cell.arrived, count + cell[measure])
        last = max(cells.mapped("month"), default=None)
        found = {}
        for begun, months in told.items():
            story, month = {"size": 0, "cells": {}}, begun
            while month <= last:
                arrived, count = months.get(month, (0, 0))
                story["size"] += arrived
                if story["size"] and month.month % length == 0:
                    age = (month.year - begun.year) * 12 + month.month - begun.month
                    story["cells"][age // length] = (count, story["size"], month)
                month = churn.next_month(month)
            if story["cells"]:
                found[begun] = story
        return found

    def _heat_cell(self, kind, shown, cohort, story, age, length):
        count, size, month = story["cells"][age]
        share = churn.rate(count, size)
        return {
            "text": f"{100 * share:.0f} %" if size >= ENOUGH else f"{count} / {size}",
            "share": share,
            "title": self.env._("%(count)s of %(size)s, %(month)s", count=count,
                                size=size, month=tell_month(self.env, month)),
            "action": {
                "type": "ir.actions.act_window", "name": self.env._(
                    "Customers since %(cohort)s, in %(month)s",
                    cohort=tell_month(self.env, cohort), month=tell_month(self.env, month)),
                "res_model": "care.customer.month",
                "views": [(False, "list"), (False, "pivot")],
                "domain": [
                    ("company_id", "=", self.env.company.id), ("month", "=", str(month)),
                    ("in_both", "=", True) if kind == "both" else ("basis", "=", kind),
                    ("cohort", ">=", str(cohort)),
                    ("cohort", "<", str(churn.next_month(cohort, length))),
                    ("active_end", "=", True) if shown == "active" else ("purchases", ">", 0)],
            },
        }

    def _total_row(self, found, ages):
        """All cohorts that have reached an age, together."""
        cells = []
        for age in ages:
            reached = [story for story in found.values() if age in story["cells"]]
            count = sum(story["cells"][age][0] for story in reached)
            size = sum(story["cells"][age][1] for story in reached)
            share = churn.rate(count, size) or 0.0
            cells.append(size and {
                "text": f"{100 * share:.0f} %" if size >= ENOUGH else f"{count} / {size}",
                "share": share, "title": self.env._("%(count)s of %(size)s", count=count,
                                                    size=size)})
        return {"label": self.env._("All cohorts"), "note": self.env._(
            "%s new", sum(story["size"] for story in found.values())), "cells": cells}

    def _tell_cohort(self, cohort, span):
        if span == "quarter":
            return tell_quarter(self.env, cohort)
        return tell_month(self.env, cohort)

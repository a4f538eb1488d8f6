from odoo import models

from .care_customer_health import LEVEL_SELECTION


class CareDashboard(models.AbstractModel):
    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "health": {"title": self.env._("Health of customers"), "icon": "fa-heartbeat",
                       "sequence": 25, "span": 4},
            "rfm": {"title": self.env._("Customers by recency and frequency"), "icon": "fa-th",
                    "sequence": 70, "span": 8},
        }

    def _dashboard_health(self, scope):
        """How many are good, to watch, at risk; those who left are not in it."""
        customers = self.env["care.customer"]
        judged = [*self._here(scope), ("health_level", "!=", False), ("status", "!=", "churned")]
        counts = dict(customers._read_group(judged, ["health_level"], ["__count"]))
        if not counts:
            return {"few": self.env._("Health is counted in the night after the first purchase.")}
        total = sum(counts.values())
        words = dict(customers._fields["health_level"]._description_selection(self.env))
        levels = [key for key, _word in LEVEL_SELECTION]
        opened = {key: self._open(words[key], "care.customer",
                                  [*judged, ("health_level", "=", key)]) for key in levels}
        return {
            "figure": self.env._("%(risk)s of %(all)s at risk", risk=counts.get("risk", 0),
                                 all=total),
            "note": self.env._("Churned customers are not in it."),
            "action": opened["risk"],
            "chart": {
                "type": "hbar", "kind": "count", "labels": [words[key] for key in levels],
                "series": [{"label": self.env._("Customers"),
                            "values": [counts.get(key, 0) for key in levels]}],
                "actions": [opened[key] for key in levels],
            },
        }

    def _dashboard_rfm(self, scope):
        grid = self.env["care.rfm"].get_grid(scope.company.id)
        if not grid["total_count"]:
            return {"few": self.env._(
                "Customers are scored in the night after the first purchase.")}
        largest = max(cell["share"] for row in grid["rows"] for cell in row["cells"])
        rows = [
            {"label": f"R{row['score']}", "note": row["text"], "cells": [
                {"text": cell["count_text"], "share": cell["share"] / largest,
                 "title": cell["segment"], "action": cell["action"]} for cell in row["cells"]]}
            for row in grid["rows"]]
        return {
            "figure": self.env._("%s customers", grid["total"]),
            "note": grid["basis"],
            "action": self.env["care.rfm"]._get_client_action(),
            "heat": {"columns": [f"F{c['score']}: {c['text']}" for c in grid["columns"]],
                     "rows": rows},
        }

from odoo import models

from .care_voice import COUNTED


class CareDashboard(models.AbstractModel):
    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "alerts": {"title": self.env._("Product alerts"), "icon": "fa-exclamation-triangle",
                       "sequence": 5, "span": 4},
        }

    def _dashboard_alerts(self, scope):
        """What is open, the gravest first; how many complaints the period brought."""
        here, alerts = self._here(scope), self.env["care.alert"]
        said = self.env["care.voice"].search_count([
            *here, ("kind", "in", COUNTED), ("said_on", ">=", scope.first),
            ("said_on", "<", scope.last)])
        note = self.env._("Complaints and defects of the period: %s.", said)
        still = [*here, ("state", "!=", "closed")]
        found = alerts.search(still, limit=5)
        if not found:
            return {"few": self.env._("No product alert is open. %s", note),
                    "action": self._open(self.env._("Product alerts"), "care.alert", here)}
        states = dict(alerts._fields["state"]._description_selection(self.env))
        return {
            "figure": str(alerts.search_count(still)), "note": note,
            "action": self._open(self.env._("Open product alerts"), "care.alert", still),
            "table": {
                "columns": [self.env._("Alert"), self.env._("Voices"), self.env._("State")],
                "numbers": [1],
                "rows": [[
                    {"text": alert.display_name, "action": self._open_record(alert)},
                    {"text": alert.count}, {"text": states[alert.state]}] for alert in found],
            },
        }

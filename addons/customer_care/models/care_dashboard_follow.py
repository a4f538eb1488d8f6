from odoo import models
from odoo.fields import Domain

from .moments import tell_day

#: Call-backs that are named; the list behind them has all.
NAMED = 5


class CareDashboard(models.AbstractModel):
    """Whom somebody of ours promised himself to call, and has not called yet."""

    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "call_backs": {"title": self.env._("Call-backs waiting"), "icon": "fa-phone",
                           "sequence": 4, "span": 4},
        }

    def _dashboard_call_backs(self, scope):
        """Of this moment, whatever the period; nothing where nobody was ever to be called."""
        _, answers = self.env._, self.env["care.feedback"]
        asked = Domain(self._here(scope)) & Domain("follow_state", "!=", "none")
        if not answers.search_count(asked, limit=1):
            return False
        waiting = asked & Domain("follow_state", "=", "open")
        count = answers.search_count(waiting)
        if not count:
            return {"few": _("Nobody waits for a call.")}
        late = answers.search_count(waiting & Domain("follow_due", "<", scope.today))
        nobody = answers.search_count(waiting & Domain("follow_user_id", "=", False))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_feedback_follow_action")
        return {
            "figure": str(count), "action": action | {
                "name": _("Call-backs waiting"), "domain": list(waiting), "context": {},
                "path": False},
            "note": _("customers answered badly and wait; %(late)s overdue, %(nobody)s "
                      "unassigned.", late=late, nobody=nobody),
            "table": {
                "columns": [_("Customer"), _("Until"), _("Calls back")], "numbers": [],
                "rows": [[
                    {"text": answer.display_name, "action": self._open_record(answer)},
                    {"text": tell_day(self.env, answer.follow_due)},
                    {"text": answer.follow_user_id.name or _("unassigned")},
                ] for answer in answers.search(waiting, order="follow_due, id", limit=NAMED)]},
        }

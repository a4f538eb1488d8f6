from odoo import models


class CareDashboard(models.AbstractModel):
    _inherit = "care.dashboard"

    def _dashboard_tiles(self):
        return super()._dashboard_tiles() | {
            "proposals": {"title": self.env._("Cross-sell proposals"), "icon": "fa-gift",
                          "sequence": 37, "span": 4},
        }

    def _dashboard_proposals(self, scope):
        """What can be sold now, and what became of the proposals of the period."""
        here = [("company_id", "=", scope.company.id)]
        proposals = self.env["care.proposal"]
        waiting, value = proposals._read_group(
            [*here, ("state", "=", "proposed")], [], ["__count", "expected_value:sum"])[0]
        ended = self._count_ended(scope)
        if not waiting and not ended["taken"][0] and not ended["left"][0]:
            return self._tell_no_proposals(scope)
        _ = self.env._
        columns = [_("Ended in the period"), _("Bought"), _("Value")]
        return {
            "figure": str(waiting),
            "note": _("Waiting for a salesperson; expected value %s.",
                      self._tell_money(value or 0, scope)),
            "action": self._open(
                _("Proposals"), "care.proposal", [*here, ("state", "=", "proposed")],
                views=("list", "kanban", "form")),
            "table": {
                "columns": columns, "numbers": [1, 2],
                "rows": [
                    self._row_of_ended(label, ended[key], scope)
                    for key, label in (("taken", _("Taken up")), ("left", _("Not taken up")))],
            },
        }

    def _count_ended(self, scope):
        """{taken or left: (ended, bought, value, domain)}: those of the second were no work."""
        proposals, found = self.env["care.proposal"], {}
        for key, operator in (("taken", "!="), ("left", "=")):
            domain = [
                ("company_id", "=", scope.company.id), ("accepted_on", operator, False),
                ("closed_on", ">=", scope.first), ("closed_on", "<", scope.last)]
            ended = proposals.search_count(domain)
            won, value = proposals._read_group(
                [*domain, ("state", "=", "won")], [], ["__count", "won_value:sum"])[0]
            found[key] = ended, won, value or 0, domain
        return found

    def _row_of_ended(self, label, counts, scope):
        ended, won, value, domain = counts
        _ = self.env._
        share = _("%(won)s of %(all)s", won=won, all=ended) if ended else _("n/a")
        return [
            {"text": label, "action": self._open(label, "care.proposal", domain)},
            {"text": share}, {"text": self._tell_money(value, scope) if ended else _("n/a")}]

    def _tell_no_proposals(self, scope):
        if not self.env["care.affinity"].search_count(
                [("company_id", "=", scope.company.id)], limit=1):
            return False
        return {"few": self.env._("Nothing is being proposed to any customer.")}

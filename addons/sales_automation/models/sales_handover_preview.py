from odoo import models
from odoo.exceptions import AccessError

LINES_SHOWN = 200
CANDIDATE_LIMIT = 200


class SalesHandover(models.Model):
    """The picture of a handover: what moves, grouped, who gets how much, and what to look at."""

    _inherit = "sales.handover"

    def get_handover_preview(self):
        """Return the groups of lines, the receivers and the warnings, for the screen."""
        self.ensure_one()
        self.check_access("read")
        lines = self.env["sales.handover.line"].search([("handover_id", "=", self.id)])
        lines = lines.sudo()  # names only, of the lines that the reader may see
        handover = self.sudo()  # whoever may archive users need not be in sales
        kinds = self._handover_kinds()
        problems = handover._collect_problems()
        return {
            "state": self.state,
            "progress": self.progress,
            "can_edit": self.state == "draft" and self.can_manage,
            "warnings": handover._get_warnings() if self.state == "draft" else [],
            "candidates": handover._get_candidates() if self.state == "draft" else [],
            "receivers": self._sum_receivers(lines),
            "groups": [
                self._prepare_group(kind, spec, group, problems)
                for kind, spec in kinds.items()
                if (group := lines.filtered(lambda line, kind=kind: line.kind == kind))],
        }

    def _collect_problems(self):
        if self.state != "draft":
            return {}
        found = {line.id: line._get_problem(line.to_user_id)
                 for line in self._get_receiving_lines()}
        return {line_id: problem for line_id, problem in found.items() if problem}

    def _prepare_group(self, kind, spec, lines, problems):
        states = dict(lines._fields["state"]._description_selection(self.env))
        amounts = {}
        for line in lines:
            if line.amount:
                amounts[line.currency_id] = amounts.get(line.currency_id, 0.0) + line.amount
        return {
            "kind": kind, "label": spec["label"], "icon": spec["icon"], "count": len(lines),
            "amount": " + ".join(currency.format(total) for currency, total in amounts.items()),
            "problems": sum(line.id in problems for line in lines),
            "failed": sum(line.state == "failed" for line in lines),
            "receives": spec.get("receiver", True),
            "more": max(0, len(lines) - LINES_SHOWN),
            "lines": [{
                "id": line.id, "model": line.res_model, "res_id": line.res_id,
                "name": line.name or "", "detail": line.detail or "",
                "customer": line.partner_id.name or "", "team": line.team_id.name or "",
                "date": line.date and line.date.isoformat(),
                "amount": line.currency_id.format(line.amount) if line.amount else "",
                "to": {"id": line.to_user_id.id, "name": line.to_user_id.name or ""},
                "state": line.state, "state_label": states[line.state],
                "reason": line.failure or line.reason or problems.get(line.id) or "",
                "problem": line.id in problems or line.state == "failed",
            } for line in lines[:LINES_SHOWN]],
        }

    def _sum_receivers(self, lines):
        """Who gets how many deals, of what worth, and how much else."""
        taken = lines.filtered(lambda line: line.to_user_id and line.state != "skipped")
        result = []
        for user, group in taken.grouped("to_user_id").items():
            deals = group.filtered(lambda line: line.kind == "deal")
            result.append({
                "id": user.id, "name": user.name, "deals": len(deals),
                "others": len(group) - len(deals), "work": self._count_by_kind(group),
                "amount": deals[:1].currency_id.format(sum(deals.mapped("amount")))
                if deals else ""})
        return sorted(result, key=lambda row: (-row["deals"], -row["others"], row["name"]))

    def _get_candidates(self):
        """Colleagues who may sell, for the choice line by line."""
        group = self.env.ref("sales_team.group_sale_salesman")
        users = self.env["res.users"].search([
            ("all_group_ids", "in", group.ids), ("share", "=", False),
            ("id", "!=", self.from_user_id.id)], limit=CANDIDATE_LIMIT, order="name, id")
        return [{"id": user.id, "name": user.name} for user in users]

    def set_handover_receiver(self, line_ids, user_id):
        """Give lines of the draft to a person; the lines that follow them go along."""
        self.ensure_one()
        self.check_access("write")
        lines = self.env["sales.handover.line"].browse(line_ids)
        if lines.handover_id != self:
            raise AccessError(self.env._("These lines belong to another handover."))
        lines.write({"to_user_id": user_id})
        return True

from odoo import models


class CareTimeline(models.AbstractModel):
    _inherit = "care.timeline"

    def _timeline_sources(self):
        return super()._timeline_sources() | {
            "cases": {"label": self.env._("Cases"), "icon": "fa-life-ring",
                      "model": "care.case", "sequence": 35},
            "settled": {"label": self.env._("Cases resolved"), "icon": "fa-check-circle-o",
                        "model": "care.case", "sequence": 36},
        }

    def _get_told_cases(self, customer, domain, order, offset, limit):
        return self.env["care.case"].search(
            [*customer._case_domain(), *domain], order=order, offset=offset, limit=limit)

    def _timeline_cases(self, customer, offset, limit):
        cases = self._get_told_cases(customer, [], "opened_at desc, id desc", offset, limit)
        kinds = dict(cases._fields["kind"]._description_selection(self.env))
        severities = dict(cases._fields["severity"]._description_selection(self.env))
        return [{
            "at": case.opened_at, "title": f"{kinds[case.kind]}: {case.display_name}",
            "detail": ", ".join(filter(None, (
                severities[case.severity], case.product_id.name, case.stage_id.name))),
            "tone": {"praise": "success", "complaint": "danger", "defect": "danger"}.get(
                case.kind, ""),
            "model": "care.case", "res_id": case.id,
        } for case in cases]

    def _timeline_settled(self, customer, offset, limit):
        cases = self._get_told_cases(
            customer, [("last_resolved_at", "!=", False)], "last_resolved_at desc, id desc",
            offset, limit)
        return [{
            "at": case.last_resolved_at,
            "title": self.env._("Resolved: %s", case.display_name),
            "detail": self.env._("by %s", case.resolver_id.name) if case.resolver_id else "",
            "tone": "success", "model": "care.case", "res_id": case.id,
        } for case in cases]

from odoo import api, fields, models
from odoo.exceptions import UserError

PRESET_SELECTION = [
    ("rhythm", "Own rhythm: business customers"),
    ("shop", "Shop: many buy once"),
    ("days", "Fixed days: the same for everybody"),
]


class CareStatusPreset(models.TransientModel):
    """Somebody chooses a set of status rules; nothing is replaced before he confirms."""

    _name = "care.status.preset"
    _description = "Set of status rules"

    preset = fields.Selection(PRESET_SELECTION, required=True, default="rhythm", string="Set")
    explanation = fields.Char(compute="_compute_preview")
    replaced = fields.Integer("Rules to be archived", compute="_compute_preview")
    line_ids = fields.Many2many(
        "care.status.rule", string="Rules", compute="_compute_preview")

    @api.depends("preset")
    @api.depends_context("lang")
    def _compute_preview(self):
        presets = self._presets()
        rules = self.env["care.status.rule"]
        # Rules of every company are replaced, also of those that are switched off.
        count = rules.sudo().search_count([])
        for choice in self:
            preset = presets.get(choice.preset, {"help": False, "rules": []})
            choice.explanation, choice.replaced = preset["help"], count
            choice.line_ids = rules.concat(*(
                rules.new(vals) for vals in self._prepare_rules(preset)))

    def action_apply(self):
        """Archive the rules in force and begin with the chosen set."""
        self.ensure_one()
        rules = self.env["care.status.rule"]
        rules.check_access("create")
        if not self.env.user.works_in_all_companies():
            raise UserError(self.env._(
                "The status rules count for every company. Only somebody who works in all "
                "companies can replace them."))
        rules.sudo().search([]).active = False  # also of companies that are switched off
        rules.create(self._prepare_rules(self._presets()[self.preset]))
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_status_rule_action") | {"target": "main"}

    @api.model
    def _prepare_rules(self, preset):
        advice = self._advice()
        return [
            {"sequence": 10 * place, "status": status, "name": name, "advice": advice[status],
             **conditions}
            for place, (status, name, conditions) in enumerate(preset["rules"], start=1)
        ]

    @api.model
    def _presets(self) -> dict[str, dict]:
        """Registry: key → {"help", "rules": [(status, name, conditions)]}, read from the top."""
        return {
            "rhythm": {"help": self.env._(
                "Silence is measured in each customer's own gaps: overdue after two, lost after "
                "three. For customers who come back again and again, each at his own pace."),
                "rules": self._rhythm_rules()},
            "shop": {"help": self.env._(
                "As with own rhythm, but who bought only once is asked back after four months, "
                "and three purchases make a loyal customer. For shops where most buy once."),
                "rules": self._shop_rules()},
            "days": {"help": self.env._(
                "At risk after 90 days, lapsed after 180, churned after a year, for everybody. "
                "Easy to tell; wrong for customers with a slow or a fast rhythm."),
                "rules": self._days_rules()},
        }

    def _rhythm_rules(self):
        _ = self.env._
        return [
            ("prospect", _("No purchase yet"), {}),
            ("churned", _("Gone for three gaps"), {"silence_from": 3}),
            ("lapsed", _("Nearly lost"), {"silence_from": 2.5}),
            ("at_risk", _("Overdue by a gap"), {"silence_from": 2}),
            ("reactivated", _("Came back"), {"comeback_from": 3}),
            ("new", _("First three months"), {"age_max": 90}),
            ("loyal", _("Five purchases"), {"purchases_min": 5}),
            ("active", _("Everybody else"), {}),
        ]

    def _shop_rules(self):
        _ = self.env._
        return [
            ("prospect", _("No purchase yet"), {}),
            ("churned", _("Gone for three gaps"), {"silence_from": 3}),
            ("lapsed", _("Nearly lost"), {"silence_from": 2.5}),
            ("at_risk", _("Bought once, four months ago"),
             {"purchases_max": 1, "silence_from": 120, "unit": "day"}),
            ("at_risk", _("Overdue by a gap"), {"silence_from": 2}),
            ("reactivated", _("Came back"), {"comeback_from": 3}),
            ("new", _("First month"), {"age_max": 30}),
            ("loyal", _("Three purchases"), {"purchases_min": 3}),
            ("active", _("Everybody else"), {}),
        ]

    def _days_rules(self):
        _ = self.env._

        def days(**numbers):
            return numbers | {"unit": "day"}

        return [
            ("prospect", _("No purchase yet"), {}),
            ("churned", _("Silent for a year"), days(silence_from=365)),
            ("lapsed", _("Silent for half a year"), days(silence_from=180)),
            ("at_risk", _("Silent for three months"), days(silence_from=90)),
            ("reactivated", _("Came back after a year"), days(comeback_from=365)),
            ("new", _("First three months"), days(age_max=90)),
            ("loyal", _("Five purchases"), {"purchases_min": 5}),
            ("active", _("Everybody else"), {}),
        ]

    def _advice(self):
        _ = self.env._
        return {
            "prospect": _("Follow the first order until it is delivered and invoiced."),
            "churned": _("Ask why they stopped buying, then decide on a win-back offer."),
            "lapsed": _("Call before they are lost: offer something they bought before."),
            "at_risk": _("Remind them: their usual day to buy again has passed."),
            "reactivated": _("Thank them for coming back and ask what brought them."),
            "new": _("Ask whether everything arrived and works; show what goes with it."),
            "loyal": _("Look after them: ask for a reference, offer a better contract."),
            "active": _("Nothing urgent: be there when the next purchase is due."),
        }

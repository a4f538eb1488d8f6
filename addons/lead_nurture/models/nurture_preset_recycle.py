from odoo import api, models


class NurturePreset(models.AbstractModel):
    """Leads that sales lost because the moment was not right hear from us again."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "recycle": {
                "label": self.env._("Recycle: not now"),
                "icon": "fa-recycle",
                "note": self.env._(
                    "Leads that sales lost because the moment was not right hear from us again, "
                    "and come back when they react."
                ),
            },
        }

    @api.model
    def _preset_recycle(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "recycle",
                "reentry_policy": "always",
                "goal_ids": self._goal(),
            },
            "steps": {
                "rest": ("wait", _("Leave them in peace"),
                         {"delay_count": 30, "delay_unit": "days"}, {"next": "mail"}),
                "mail": ("mail", _("Ask again"), {"mail": self._mail_recycle()},
                         {"next": "click"}),
                "click": (
                    "wait_event",
                    _("Wait for a click"),
                    {"event_kind": "mail_click", "delay_count": 7, "delay_unit": "days"},
                    {"yes": "sales", "timeout": "end"},
                ),
                "sales": (
                    "handover",
                    _("Back to sales"),
                    {"summary": _("Lost before, interested again."), "lead_priority": "1"},
                    {"next": "end"},
                ),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _after_preset_recycle(self, scenario):
        """Sales needs a reason that leads here: “Not now”, be it there already or not."""
        # sudo: marketing may lack the right to add a lost reason, and this one is its business
        reasons = self.env["crm.lost.reason"].sudo()
        if not reasons.search_count([("nurture_scenario_id", "!=", False)], limit=1):
            name = self.env._("Not now")
            reason = reasons.search([("name", "=", name)], limit=1)
            (reason or reasons.create({"name": name})).nurture_scenario_id = scenario

    @api.model
    def _mail_recycle(self):
        _ = self.env._
        return {
            "subject": _("Is it a better moment now?"),
            "preview": _("What has changed since we last spoke"),
            "text": [
                _("when we last spoke, the moment was not right. We kept your notes, so nothing "
                  "has to be explained twice."),
                _("Some things have become easier since. Have a look, and tell us if we should "
                  "pick up where we stopped."),
            ],
            "button": _("See what is new"),
            "closing": [
                _("Not yet? Then do nothing. Your answer to this mail reaches your contact "
                  "directly."),
            ],
        }  # fmt: skip

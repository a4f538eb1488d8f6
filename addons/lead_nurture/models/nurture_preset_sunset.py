from odoo import api, models


class NurturePreset(models.AbstractModel):
    """People who have not reacted for long are asked once, and then left in peace."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "sunset": {
                "label": self.env._("Sunset: let sleepers go"),
                "icon": "fa-moon-o",
                "note": self.env._(
                    "Whoever has not reacted for 90 days is asked once whether to go on. "
                    "Without a click we stop writing, which keeps our mails out of spam "
                    "folders."
                ),
            },
        }

    @api.model
    def _preset_sunset(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "segment_enter",
                "trigger_segment_id": self.env.ref(
                    "lead_nurture.nurture_segment_sleeping"
                ).id,
                "reentry_policy": "days",
                "reentry_days": 365,
            },
            "steps": {
                "ask": ("mail", _("Shall we go on?"), {"mail": self._mail_sunset()},
                        {"next": "click"}),
                "click": (
                    "wait_event",
                    _("Wait for a click"),
                    {"event_kind": "mail_click", "delay_count": 14, "delay_unit": "days"},
                    {"yes": "end", "timeout": "rest"},
                ),
                "rest": (
                    "list",
                    _("Leave them in peace"),
                    {"list_mode": "add", "segment_id": self._left_in_peace().id},
                    {"next": "end"},
                ),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _after_preset_sunset(self, scenario):
        self._keep_up_to_date(scenario.trigger_segment_id)

    @api.model
    def _mail_sunset(self):
        _ = self.env._
        return {
            "subject": _("Shall we go on writing to you?"),
            "preview": _("One click, or we stop"),
            "text": [
                _("you have not looked at our mails for some time, and we do not want to fill "
                  "your inbox."),
                _("If you would like to go on hearing from us, click the button. If not, do "
                  "nothing: we stop by ourselves."),
            ],
            "button": _("Yes, go on"),
            "closing": [
                _("Thank you for your interest so far."),
            ],
        }  # fmt: skip

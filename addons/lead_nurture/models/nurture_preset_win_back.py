from odoo import api, models


class NurturePreset(models.AbstractModel):
    """Customers who have not bought for half a year hear from us before they have forgotten us."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "win_back": {
                "label": self.env._("Win back"),
                "icon": "fa-undo",
                "note": self.env._(
                    "Customers who have not ordered for 180 days are asked why, with "
                    "something new to see. Those who react go to sales."
                ),
            },
        }

    @api.model
    def _preset_win_back(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "segment_enter",
                "trigger_segment_id": self.env.ref(
                    "lead_nurture.nurture_segment_quiet_customers"
                ).id,
                "exit_on_won": False,
                "reentry_policy": "days",
                "reentry_days": 365,
                "goal_ids": self._goal("purchase"),
            },
            "steps": {
                "miss": ("mail", _("We have not heard from you"),
                         {"mail": self._mail_win_back()}, {"next": "click"}),
                "click": (
                    "wait_event",
                    _("Wait for a click"),
                    {"event_kind": "mail_click", "delay_count": 7, "delay_unit": "days"},
                    {"yes": "sales", "timeout": "why"},
                ),
                "why": ("mail", _("What went wrong?"), {"mail": self._mail_win_back_why()},
                        {"next": "answer"}),
                "answer": (
                    "wait_event",
                    _("Wait for an answer"),
                    {"event_kind": "mail_reply", "delay_count": 14, "delay_unit": "days"},
                    {"yes": "sales", "timeout": "end"},
                ),
                "sales": ("alert", _("Tell the salesperson"),
                          {"summary": _("A customer gone quiet has reacted. Call today.")},
                          {"next": "end"}),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _after_preset_win_back(self, scenario):
        self._keep_up_to_date(scenario.trigger_segment_id)

    @api.model
    def _mail_win_back(self):
        _ = self.env._
        return {
            "subject": _("It has been a while"),
            "preview": _("What is new since your last order"),
            "text": [
                _("your last order was some time ago. We have been busy since, and some of it "
                  "was made for people like you."),
                _("Have a look. It takes two minutes."),
            ],
            "button": _("See what is new"),
            "closing": [
                _("Do you need something else by now? Answer this mail and tell us what."),
            ],
        }  # fmt: skip

    @api.model
    def _mail_win_back_why(self):
        _ = self.env._
        return {
            "subject": _("Did we do something wrong?"),
            "preview": _("We would like to know, whatever it is"),
            "text": [
                _("you have not ordered from us for a while, and perhaps there is a reason. If "
                  "something went wrong, we would like to know it."),
                _("Please answer with one line. It goes to a person who can change things."),
            ],
            "button": _("Or look around again"),
            "closing": [
                _("This is our last mail about it. Thank you for the time with us."),
            ],
        }  # fmt: skip

from odoo import api, models


class NurturePreset(models.AbstractModel):
    """People who registered for a webinar: who came is offered a talk, who did not gets to see
    what was shown."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "webinar": {
                "label": self.env._("Webinar"),
                "icon": "fa-video-camera",
                "note": self.env._(
                    "Confirms the registration, then writes to those who came and to those "
                    "who did not, and gives the interested ones to a colleague."
                ),
            },
        }

    @api.model
    def _preset_webinar(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "event",
                "event_kind": "event_registered",
                "reentry_policy": "always",
                "goal_ids": self._goal("meeting", "call"),
            },
            "steps": {
                "confirm": (
                    "mail",
                    _("Confirmation"),
                    {"mail": self._mail_webinar(), "mail_category": "transactional"},
                    {"next": "came"},
                ),
                "came": (
                    "wait_event",
                    _("Wait until they come"),
                    {"event_kind": "event_attended", "event_scope": "any",
                     "event_since": "entry", "delay_count": 30, "delay_unit": "days"},
                    {"yes": "thanks", "timeout": "missed"},
                ),
                "thanks": ("mail", _("Thank you for coming"),
                           {"mail": self._mail_webinar_thanks()}, {"next": "click"}),
                "missed": ("mail", _("Sorry we missed you"),
                           {"mail": self._mail_webinar_missed()}, {"next": "click"}),
                "click": (
                    "wait_event",
                    _("Wait for a click"),
                    {"event_kind": "mail_click", "delay_count": 5, "delay_unit": "days"},
                    {"yes": "call", "timeout": "end"},
                ),
                "call": ("alert", _("Tell the salesperson"),
                         {"summary": _("Registered for the webinar and clicked after it.")},
                         {"next": "end"}),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _mail_webinar(self):
        _ = self.env._
        return {
            "subject": _("You are registered"),
            "preview": _("We look forward to seeing you"),
            "text": [
                _("your registration has arrived. Thank you."),
                _("If there is a question that you would like us to answer, send it as an "
                  "answer to this mail: we take it along."),
            ],
            "button": _("Have a look beforehand"),
            "closing": [
                _("Something came up? Then simply do not come. We send you what was shown."),
            ],
        }  # fmt: skip

    @api.model
    def _mail_webinar_thanks(self):
        _ = self.env._
        return {
            "subject": _("Thank you for being there"),
            "preview": _("What was shown, to read again"),
            "text": [
                _("it was good to have you with us. On the page below you find what was shown, "
                  "and the questions that were asked."),
                _("Would you like to see it with your own numbers? A colleague takes half an "
                  "hour for you."),
            ],
            "button": _("Read it again"),
            "closing": [
                _("Just answer this mail with a time that suits you."),
            ],
        }  # fmt: skip

    @api.model
    def _mail_webinar_missed(self):
        _ = self.env._
        return {
            "subject": _("Sorry we missed you"),
            "preview": _("Here is what was shown"),
            "text": [
                _("you had registered and could not come. That happens."),
                _("Here is what was shown, so that you miss nothing."),
            ],
            "button": _("See what was shown"),
            "closing": [
                _("Would you rather talk about it? Answer this mail with a time that suits you."),
            ],
        }  # fmt: skip

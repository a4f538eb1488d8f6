from odoo import api, models


class NurturePreset(models.AbstractModel):
    """New leads are answered at once; the interested ones go to sales."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "welcome": {
                "label": self.env._("Welcome new leads"),
                "icon": "fa-hand-paper-o",
                "note": self.env._(
                    "Answer each new lead at once, find out who is interested, and give those to "
                    "sales."
                ),
            },
        }

    @api.model
    def _preset_welcome(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "lead",
                "trigger_domain": "[('type', '=', 'lead')]",
                "reentry_policy": "days",
                "reentry_days": 90,
                "goal_ids": self._goal("meeting", "call"),
            },
            "steps": {
                "mail": (
                    "mail",
                    _("Welcome mail"),
                    # the answer to an enquiry waits for no quiet hours and counts as no advertising
                    {"mail": self._mail_welcome(), "mail_category": "transactional"},
                    {"next": "click"},
                ),
                "click": (
                    "wait_event",
                    _("Wait for a click"),
                    {"event_kind": "mail_click", "delay_count": 3, "delay_unit": "days"},
                    {"yes": "sales", "timeout": "hot"},
                ),
                "hot": ("branch", _("Hot anyway?"), {"condition": "band", "band": "hot"},
                        {"yes": "sales", "no": "reminder"}),
                "reminder": ("mail", _("Reminder mail"), {"mail": self._mail_welcome_reminder()},
                             {"next": "end"}),
                "sales": (
                    "handover",
                    _("Hand over to sales"),
                    {"summary": _("Interested: clicked or hot. Call today.")},
                    {"next": "end"},
                ),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _mail_welcome(self):
        _ = self.env._
        return {
            "subject": _("Thank you for your enquiry"),
            "preview": _("What happens next, and where to start"),
            "text": [
                _("thank you for getting in touch. A colleague reads every enquiry and will "
                  "answer you personally."),
                _("Until then, this is the page most people find useful first: what we do, for "
                  "whom, and what it costs."),
            ],
            "button": _("See how we can help"),
            "closing": [_("If you would rather talk right away, just answer this mail.")],
        }  # fmt: skip

    @api.model
    def _mail_welcome_reminder(self):
        _ = self.env._
        return {
            "subject": _("Did you find what you were looking for?"),
            "preview": _("Two minutes, if you have them"),
            "text": [
                _("a few days ago you asked us for information. In case it got lost: here is the "
                  "short way to it."),
                _("If the moment is not right, that is fine. We will not write again about this."),
            ],
            "button": _("Take a look"),
            "closing": [_("Is a question still open? Answer this mail and a colleague will help.")],
        }  # fmt: skip

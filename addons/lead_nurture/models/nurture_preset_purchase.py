from odoo import api, models


class NurturePreset(models.AbstractModel):
    """Customers who have just bought are helped to a good start, and asked how it goes."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "purchase": {
                "label": self.env._("After a purchase"),
                "icon": "fa-gift",
                "note": self.env._(
                    "Helps new buyers to a good start and asks after two weeks how it goes, "
                    "so that trouble is heard early and the next order comes by itself."
                ),
            },
        }

    @api.model
    def _preset_purchase(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "event",
                "event_kind": "purchase",
                "exit_on_won": False,
                "reentry_policy": "days",
                "reentry_days": 180,
                "goal_ids": self._goal("purchase"),
            },
            "steps": {
                "arrive": ("wait", _("Let it arrive"), {"delay_count": 3, "delay_unit": "days"},
                           {"next": "start"}),
                "start": ("mail", _("A good start"), {"mail": self._mail_purchase()},
                          {"next": "use"}),
                "use": ("wait", _("Let them use it"), {"delay_count": 14, "delay_unit": "days"},
                        {"next": "ask"}),
                "ask": ("mail", _("How does it go?"), {"mail": self._mail_purchase_ask()},
                        {"next": "answer"}),
                "answer": (
                    "wait_event",
                    _("Wait for an answer"),
                    {"event_kind": "mail_reply", "delay_count": 10, "delay_unit": "days"},
                    {"yes": "tell", "timeout": "end"},
                ),
                "tell": ("alert", _("Tell the salesperson"),
                         {"summary": _("The customer told us how it goes. Read it today.")},
                         {"next": "end"}),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _mail_purchase(self):
        _ = self.env._
        return {
            "subject": _("A good start with your order"),
            "preview": _("Three things that make the first weeks easier"),
            "text": [
                _("thank you for your order. The first days decide how much good comes of it, "
                  "so here is what has helped others most."),
                _("Nothing of it takes longer than ten minutes."),
            ],
            "button": _("Make a good start"),
            "closing": [
                _("Something is missing or does not work? Answer this mail. We would rather "
                  "hear it today than never."),
            ],
        }  # fmt: skip

    @api.model
    def _mail_purchase_ask(self):
        _ = self.env._
        return {
            "subject": _("How does it go?"),
            "preview": _("One line from you is enough"),
            "text": [
                _("two weeks have passed since your order reached you. Does it do what you "
                  "bought it for?"),
                _("One line as an answer to this mail is enough, good or bad. A person reads "
                  "it."),
            ],
            "button": _("What else is possible"),
            "closing": [
                _("Everything is fine? Then we are glad, and you need not do anything."),
            ],
        }  # fmt: skip

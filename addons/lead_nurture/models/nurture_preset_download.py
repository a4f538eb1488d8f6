from odoo import api, models


class NurturePreset(models.AbstractModel):
    """People who fetched something from us are helped to use it; the serious ones get a call."""

    _inherit = "nurture.preset"

    @api.model
    def _presets(self):
        return {
            **super()._presets(),
            "download": {
                "label": self.env._("Gated download"),
                "icon": "fa-download",
                "note": self.env._(
                    "Whoever fetches a guide or a price list gets help with it. Those who "
                    "then look at our pages or click are offered a talk."
                ),
            },
        }

    @api.model
    def _preset_download(self):
        _ = self.env._
        return {
            "scenario": {
                "trigger_kind": "event",
                "event_kind": "download",
                "reentry_policy": "days",
                "reentry_days": 30,
                "goal_ids": self._goal("meeting", "call"),
            },
            "steps": {
                "thanks": ("mail", _("Thank you mail"), {"mail": self._mail_download()},
                           {"next": "read"}),
                "read": ("wait", _("Let them read"), {"delay_count": 2, "delay_unit": "days"},
                         {"next": "came"}),
                "came": (
                    "branch",
                    _("Came back meanwhile?"),
                    {"condition": "event", "event_kind": "page_view", "event_scope": "any"},
                    {"yes": "call", "no": "more"},
                ),
                "more": ("mail", _("What others ask next"), {"mail": self._mail_download_more()},
                         {"next": "click"}),
                "click": (
                    "wait_event",
                    _("Wait for a click"),
                    {"event_kind": "mail_click", "delay_count": 7, "delay_unit": "days"},
                    {"yes": "call", "timeout": "end"},
                ),
                "call": ("alert", _("Tell the salesperson"),
                         {"summary": _("Read our material and came back. Offer a talk.")},
                         {"next": "end"}),
                "end": ("exit", _("Leave"), {}, {}),
            },
        }  # fmt: skip

    @api.model
    def _mail_download(self):
        _ = self.env._
        return {
            "subject": _("Here is what you asked for"),
            "preview": _("And where most readers go on"),
            "text": [
                _("you have just fetched our material. Should anything in it be unclear, answer "
                  "this mail: a colleague who knows the subject will read it."),
                _("Most readers want to know next how it works in practice. The page below "
                  "shows it."),
            ],
            "button": _("See it in practice"),
            "closing": [
                _("You need not do anything else. We write once more in a few days, and then we "
                  "stop."),
            ],
        }  # fmt: skip

    @api.model
    def _mail_download_more(self):
        _ = self.env._
        return {
            "subject": _("Three questions that others ask next"),
            "preview": _("What it costs, how long it takes, who has done it"),
            "text": [
                _("after the first reading the same three questions come up again and again: "
                  "what does it cost, how long does it take, and who has done it already?"),
                _("We have put the answers on one page."),
            ],
            "button": _("Read the answers"),
            "closing": [
                _("A question of your own? Answer this mail and a colleague will help."),
            ],
        }  # fmt: skip

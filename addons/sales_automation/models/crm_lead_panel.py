from odoo import fields, models

from .aside import ask


class CrmLead(models.Model):
    """The side panel of a deal: one card per question that a salesperson asks about it.

    A card is one entry of `_deal_panel_sections` and one method `_deal_panel_<key>(now)` that
    answers its content, or False when there is nothing to say.
    """

    _inherit = "crm.lead"

    def get_deal_panel(self):
        """Return the cards of the deal in their order; the client draws them as they are."""
        self.ensure_one()
        self.check_access("read")
        if self.type != "opportunity":
            return []
        now = fields.Datetime.now()
        heads = sorted(
            self._deal_panel_sections().items(), key=lambda item: (item[1]["sequence"], item[0]))
        return [
            {**head, "key": key, **section} for key, head in heads
            if (section := self._read_deal_panel_section(key, now))
        ]

    def _read_deal_panel_section(self, key, now):
        """A card that breaks says so in its place; the others and the form stay."""
        section, is_broken = ask(self, f"_deal_panel_{key}", now)
        if not is_broken:
            return section
        return {
            "badge": {"text": self.env._("Error"), "tone": "danger"},
            "lines": [{
                "icon": "fa-exclamation-triangle", "tone": "danger",
                "text": self.env._("This part could not be read."),
                "detail": self.env._("Your administrator finds the reason in the log."),
            }],
        }

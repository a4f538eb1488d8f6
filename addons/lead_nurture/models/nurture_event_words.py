from odoo import api, fields, models


class NurtureEvent(models.Model):
    """How an event and where it was seen are called."""

    _inherit = "nurture.event"

    source_label = fields.Char(
        "Seen in", compute="_compute_source_label", help="Where it was seen."
    )

    @api.model
    def _source_labels(self):
        """Registry: {source: label}. Others may log under a name of their own."""
        _ = self.env._
        return {
            "mail": _("Mail"),
            "sms": _("Text messages"),
            "website": _("Website"),
            "sales": _("Sales"),
            "lead": _("Leads"),
            "event": _("Events"),
            "survey": _("Surveys"),
            "score": _("Score"),
            "segment": _("Segments"),
            "status": _("Lifecycle status"),
        }

    @api.depends("source")
    @api.depends_context("lang")
    def _compute_source_label(self):
        labels = self._source_labels()
        for event in self:
            event.source_label = labels.get(event.source, event.source)

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = self._event_kinds()
        for event in self:
            event.display_name = labels.get(event.kind, event.kind)

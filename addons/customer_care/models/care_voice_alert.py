from collections import defaultdict

from odoo import models

from .care_voice import COUNTED


class CareVoice(models.Model):
    """How voices find their alert."""

    _inherit = "care.voice"

    def _may_alert(self) -> bool:
        return self.active and (self.kind in COUNTED or self.is_safety)

    def _leave_alerts(self):
        """Voices that do not belong to their alert any more; returns the alerts they left."""
        left = self.env["care.alert"]
        for voice in self.filtered("alert_id"):
            alert = voice.alert_id
            if not voice._may_alert() or not voice._fits(alert):
                voice._put_in(alert.browse())
                left |= alert
        return left

    def _fits(self, alert) -> bool:
        """Of its product and lot, and not of a time before it."""
        return (
            self.company_id == alert.company_id and self.product_id == alert.product_id
            and alert.lot_name in (False, self.lot_name)
            and (self.alert_id == alert or self.said_on > alert._get_since()))

    def _join_alerts(self):
        """The open alert of the lot, else of the product; returns the alerts that grew."""
        alone = self.filtered(lambda voice: not voice.alert_id)
        alerts = self.env["care.alert"].search([
            ("company_id", "in", alone.company_id.ids),
            ("product_id", "in", [False, *alone.product_id.ids]), ("state", "!=", "closed")])
        open_ones = {(a.company_id, a.product_id, a.lot_name): a for a in alerts}
        joined = defaultdict(self.browse)
        for voice in alone:
            key = (voice.company_id, voice.product_id)
            alert = open_ones.get((*key, voice.lot_name)) or open_ones.get((*key, False))
            if alert and voice._fits(alert):
                joined[alert] |= voice
        for alert, voices in joined.items():
            voices._put_in(alert)
        return alerts.browse(alert.id for alert in joined)

    def _put_in(self, alert):
        """A word of danger makes a cluster a matter of safety."""
        self.with_context(care_voice_quiet=True).write({"alert_id": alert.id})
        if alert.kind == "cluster" and any(voice.is_safety for voice in self):
            alert._set_safety()

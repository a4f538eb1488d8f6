import logging

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class MailBlacklist(models.Model):
    """An address that must not be written to any more: an event of the person it belongs to."""

    _inherit = "mail.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        entries.filtered("active")._nurture_record_unsubscribed()
        return entries

    def write(self, vals):
        again = self.filtered(lambda entry: vals.get("active") and not entry.active)
        result = super().write(vals)
        again._nurture_record_unsubscribed()
        return result

    def _nurture_record_unsubscribed(self):
        """At once; whoever leaves leaves, also when this fails: the cron reads it again."""
        try:
            with self.env.cr.savepoint():
                self._nurture_insert_unsubscribed()
        except Exception:
            self.env["nurture.event"].invalidate_model(flush=False)
            _logger.info("an opt-out is left to the cron", exc_info=True)

    def _nurture_insert_unsubscribed(self):
        now = fields.Datetime.now()
        # whether read here or by the cron, it is the same event
        day_of = {entry.email: entry.write_date.date() for entry in self}
        # sudo: whoever opts out, a visitor included, leaves an event
        persons = self.env["nurture.person"].sudo().search(
            [("email_normalized", "in", self.mapped("email"))]
        )
        self.env["nurture.event"].sudo()._insert_events(  # sudo: see above
            [
                {
                    "person_id": person.id,
                    "kind": "unsubscribe",
                    "occurred_at": now,
                    "dedup_key": f"unsubscribe:{person.id}:{day_of[person.email_normalized]}",
                    "source": "mail",
                }
                for person in persons
            ]
        )

from odoo import api, fields, models


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
        now = fields.Datetime.now()
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
                    "dedup_key": f"unsubscribe:{person.id}:{now}",
                    "source": "mail",
                }
                for person in persons
            ]
        )

from odoo import models


class MailComposeMessage(models.TransientModel):
    """Composes the mails of one step for many people at once."""

    _inherit = "mail.compose.message"

    @property
    def _batch_size(self):
        """Core writes mails 50 at a time and empties all caches in between; a lane's batch is
        small enough to be written in one go."""
        return len(self._nurture_sends()) or super()._batch_size

    def _prepare_mail_values(self, res_ids):
        mail_values = super()._prepare_mail_values(res_ids)
        sends = self._nurture_sends()
        if sends:
            bodies = {
                sends[res_id]: values["body_html"]
                for res_id, values in mail_values.items()
                if res_id in sends and values.get("body_html")
            }
            # the copy in the chatter keeps the plain links: a colleague's click is not the lead's
            tracked = self.env["nurture.send"]._track_links(self.mass_mailing_id, bodies)
            for res_id, values in mail_values.items():
                send = sends.get(res_id)
                if send in tracked:
                    values.update(body_html=tracked[send], nurture_send_id=send.id)
        return mail_values

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        """Core reads the whole blacklist for each batch; ask for these addresses only."""
        if not self._nurture_sends():
            return super()._get_blacklist_record_ids(mail_values_dict, recipients_info)
        recipients = recipients_info or self._get_recipients_data(mail_values_dict)
        addresses = {a for info in recipients.values() for a in info["mail_to_normalized"]}
        refused = self.env["nurture.send"]._refusals(addresses)
        return {
            res_id
            for res_id, info in recipients.items()
            if any(address in refused for address in info["mail_to_normalized"])
        }

    def _nurture_sends(self):
        """{record id: ledger row} when this is a step of a scenario at work, else {}."""
        if not self.env.su or not self.mass_mailing_id.nurture_node_id:
            return {}
        ids = self.env.context.get("nurture_send_ids") or {}
        return {res_id: self.env["nurture.send"].browse(ids[res_id]) for res_id in ids}

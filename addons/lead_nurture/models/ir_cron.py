from odoo import fields, models


class IrCron(models.Model):
    """Wakes our phases: work that made more work calls the next one at once."""

    _inherit = "ir.cron"

    def _nurture_wake(self, xmlid):
        """Run the cron `xmlid` as soon as possible; at most one trigger per second, however many
        hits come in. (A cron that misses one by a second finds the rest at its next interval.)
        """
        cron = self.env.ref(xmlid, raise_if_not_found=False)
        if not cron:
            return
        triggers = self.env["ir.cron.trigger"].sudo()  # nobody else may read or create triggers
        now = fields.Datetime.now()
        if not triggers.search_count([("cron_id", "=", cron.id), ("call_at", "=", now)], limit=1):
            cron.sudo()._trigger()  # sudo: salespeople and public hits wake crons too

from odoo import api, models


class NurtureChange(models.Model):
    """New leads have their person: let them into the scenarios now."""

    _inherit = "nurture.change"

    @api.model
    def _sync_batch(self, limit):
        done = super()._sync_batch(limit)
        if done and self.env["nurture.scenario"].search_count([("state", "=", "running")], limit=1):
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_enrol")
        return done

    @api.model
    def _ensure_identified(self, leads):
        """Join these leads to persons now, where the cron has not come to them yet."""
        known = self.env["nurture.identity"].search(
            [("kind", "=", "lead"), ("res_id", "in", leads.ids)]
        )
        missing = set(leads.ids) - set(known.mapped("res_id"))
        if missing:
            self.env["nurture.join"]._sync({"lead": sorted(missing)})

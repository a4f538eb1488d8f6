from odoo import api, models


class NurtureSegmentDirty(models.Model):
    """One row: there is news of a person by which he may have entered or left a segment.

    Fed from nurture.dirty when people are scored: so segments see the new score, and nobody's save
    waits for them.
    """

    _name = "nurture.segment.dirty"
    _inherit = ["nurture.people.queue"]
    _description = "Person to look at for segments"
    _log_access = False

    @api.model
    def _push(self, person_ids, silent=False):
        """Look at these people soon; nothing to do while no segment is at work."""
        if not person_ids or not self.env["nurture.segment"]._any_at_work():
            return
        self.env.execute_query(self._query_push(list(person_ids), silent))
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_refresh_segments")

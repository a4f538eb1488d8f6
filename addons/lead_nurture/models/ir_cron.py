from threading import Thread

from odoo import api, fields, models
from odoo.tools import SQL


class IrCron(models.Model):
    """Wakes our phases: work that made more work calls the next one at once. A job that a kill
    interrupted is judged by what it had done."""

    _inherit = "ir.cron"

    @api.model
    def _commit_progress(self, processed=0, *, remaining=None, deactivate=False):
        """A job that has done something has not timed out, however many of its runs were killed
        before.

        Core forgets those only when a run ends by itself. After three kills it would let a lane
        that moves people each time sit out a turn, and count a failure.
        """
        if processed and (progress_id := self.env.context.get("ir_cron_progress_id")):
            progress = self.env["ir.cron.progress"].sudo().browse(progress_id)  # sudo: core's own
            progress.timed_out_counter = 0  # written together with the progress
        return super()._commit_progress(processed, remaining=remaining, deactivate=deactivate)

    def _nurture_wake(self, xmlid, along=None):
        """Run the cron `xmlid` as soon as possible; at most one trigger per second, however many
        hits come in. (A cron that misses one by a second finds the rest at its next interval.)

        One statement: every lead that is saved comes through here.

        :param along: the SQL that leaves the work, done in that same statement
        """
        data = self.env["ir.model.data"].sudo()  # salespeople and public hits wake crons too
        cron_id = data._xmlid_to_res_id(xmlid, raise_if_not_found=False) or 0
        if self.env.execute_query(self._query_wake(cron_id, fields.Datetime.now(), along)):
            self.env["ir.cron.trigger"].invalidate_model(flush=False)
            self.env.cr.postcommit.add(self._nurture_notify)

    def _nurture_notify(self):
        """Tell the workers, beside the work: core opens a connection for it, and whoever saved
        need not wait for that. A word that is lost costs a minute: they look by themselves."""
        Thread(target=self._notifydb, name="nurture.notify").start()

    def _query_wake(self, cron_id, now, along):
        # core's index on ir_cron_trigger.cron_id
        return SQL(
            """%(along)s INSERT INTO ir_cron_trigger (cron_id, call_at, create_uid, create_date)
               SELECT c.id, %(now)s, %(uid)s, %(now)s
                 FROM ir_cron c
                WHERE c.id = %(cron)s AND c.active
                  AND NOT EXISTS (SELECT 1 FROM ir_cron_trigger t
                                   WHERE t.cron_id = c.id AND t.call_at = %(now)s)
            RETURNING id""",
            along=SQL("WITH along AS (%s)", along) if along else SQL(),
            cron=cron_id,
            now=now,
            uid=self.env.uid,
        )

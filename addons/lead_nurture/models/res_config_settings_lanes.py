from datetime import timedelta

from odoo import api, fields, models

# a mail that waits longer than this says that the queue does not keep up
PATIENCE = timedelta(minutes=15)


class ResConfigSettings(models.TransientModel):
    """How much is done side by side, and whether the mail queue keeps up."""

    _inherit = "res.config.settings"

    nurture_lanes = fields.Integer("Lanes", default=2)
    nurture_mail_batch = fields.Integer(
        "Mails per run", default=1000, config_parameter="mail.mail.queue.batch.size"
    )
    nurture_mail_backlog = fields.Integer(
        "Mails that wait", compute="_compute_nurture_mail_backlog"
    )
    nurture_mail_late = fields.Integer(
        "Mails that wait too long", compute="_compute_nurture_mail_backlog"
    )

    @api.depends("company_id")
    def _compute_nurture_mail_backlog(self):
        mails = self.env["mail.mail"].sudo()  # sudo: the outbox of all users, counted only
        waiting = [("state", "=", "outgoing"), ("scheduled_date", "=", False)]
        late = [("create_date", "<", fields.Datetime.now() - PATIENCE)]
        for settings in self:
            settings.nurture_mail_backlog = mails.search_count(waiting)
            settings.nurture_mail_late = mails.search_count(waiting + late)

    @api.model
    def get_values(self):
        return {**super().get_values(), "nurture_lanes": len(self.env["ir.cron"]._nurture_lanes())}

    def set_values(self):
        super().set_values()
        self.env["ir.cron"]._nurture_set_lanes(self.nurture_lanes)

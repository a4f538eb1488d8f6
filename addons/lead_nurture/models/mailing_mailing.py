from odoo import api, fields, models
from odoo.exceptions import UserError

CONTENT = (
    "subject", "preview", "body_arch", "body_html", "email_from", "reply_to", "attachment_ids",
)  # fmt: skip
FROZEN_STATES = ("published", "retired")


class MailingMailing(models.Model):
    """The mail of a step: designed, unsubscribed from and counted as any mailing, but never
    launched, scheduled or shown among the mailings of people."""

    _inherit = "mailing.mailing"

    nurture_node_id = fields.Many2one(
        "nurture.node", "Scenario step", readonly=True, copy=False, ondelete="cascade",
        index="btree_not_null",
    )

    def write(self, vals):
        frozen = self._frozen_by_scenario()
        if frozen and any(
            name in vals and mailing._changes_content(name, vals[name])
            for mailing in frozen
            for name in CONTENT
        ):
            raise UserError(
                self.env._(
                    "People travel the version of the scenario that sends this mail. Choose “Edit "
                    "steps” on the scenario to change a copy of it."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_published(self):
        if self._frozen_by_scenario():
            raise UserError(
                self.env._(
                    "People travel the version of the scenario that sends this mail, so it cannot "
                    "be deleted. Pause or close the scenario to send it no more."
                )
            )

    def _frozen_by_scenario(self):
        # sudo: people who design mails need not know scenarios
        return self.filtered(lambda m: m.sudo().nurture_node_id.version_id.state in FROZEN_STATES)

    def _changes_content(self, name, value):
        if name == "attachment_ids":
            return bool(value)  # commands; an editor sends them only when something changed
        return (self[name] or False) != (value or False)

    # ------------------------------------------------------------
    # NEVER BY HAND
    # ------------------------------------------------------------

    def action_launch(self):
        self._check_not_of_scenario()
        return super().action_launch()

    def action_put_in_queue(self):
        self._check_not_of_scenario()
        return super().action_put_in_queue()

    def action_retry_failed(self):
        self._check_not_of_scenario()
        return super().action_retry_failed()

    def _action_send_mail(self, res_ids=None):
        self._check_not_of_scenario()
        return super()._action_send_mail(res_ids)

    def _check_not_of_scenario(self):
        if self.nurture_node_id:
            raise UserError(
                self.env._("This mail belongs to a scenario, which sends it person by person.")
            )

    # ------------------------------------------------------------
    # LOOK-UPS
    # ------------------------------------------------------------

    def _get_seen_list(self):
        """Core loads every address ever mailed, for each batch. Our ledger has a unique key."""
        return set() if self.nurture_node_id else super()._get_seen_list()

    def _get_opt_out_list(self):
        """Opt-outs are asked for the batch only; see `nurture.send._refusals`."""
        return [] if self.nurture_node_id else super()._get_opt_out_list()

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.breaker import OPEN, PROBING

from .moments import tell_moment


class NurtureNode(models.Model):
    """A step that failed too often says so, and can be tried again."""

    _inherit = "nurture.node"

    breaker_ids = fields.One2many("nurture.breaker", "node_id", readonly=True)
    paused_text = fields.Char("Paused", compute="_compute_paused_text")

    @api.depends("breaker_ids.state", "breaker_ids.failed", "breaker_ids.last_error")
    def _compute_paused_text(self):
        for node in self:
            node.paused_text = node._paused_sentence()

    def _paused_sentence(self):
        """Why nobody passes this step, in a sentence, or False."""
        fuse = self.breaker_ids.filtered(lambda f: f.state in (OPEN, PROBING))
        if not fuse:
            return False
        if fuse.state == PROBING:
            return self.env._(
                "“%s” is being tried again with a few people; the others follow when it works.",
                self.name,
            )
        return self.env._(
            "“%(step)s” is paused since %(when)s: %(failed)s of %(tried)s tries failed. The last "
            "one said: %(error)s",
            step=self.name,
            when=tell_moment(self.env, fuse.opened_at),
            failed=fuse.failed,
            tried=fuse.tried,
            error=fuse.last_error or "",
        )

    def _prepare_card(self):
        return {**super()._prepare_card(), "paused": self.paused_text}

    def action_try_again(self):
        """After the cause was mended: a few people first, then everybody who waits."""
        self.breaker_ids.action_try_again()

    def _tell_paused(self, tries, error, now):
        """Tell the owner of the scenario, once."""
        scenario = self.scenario_id
        scenario.message_post(
            body=self.env._(
                "The step “%(step)s” is paused: %(failed)s of %(tried)s tries failed in the last "
                "hour. People who come to it wait there, everybody else goes on. Mend the cause, "
                "then choose “Try again” on the scenario. The last try said: %(error)s",
                step=self.name,
                failed=tries.failed,
                tried=tries.tried,
                error=error,
            ),
            subject=self.env._("A step of %s is paused", scenario.name),
            partner_ids=scenario.user_id.partner_id.ids,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
            force_send=False,  # the lane never talks to a mail server
        )

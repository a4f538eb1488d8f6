from odoo import models


class NurtureNode(models.Model):
    """Says in a sentence why a person left a step as he did; `_why_node_<kind>(log)` for a kind
    that can say more than its summary and the exit."""

    _inherit = "nurture.node"

    def _why(self, log):
        why = self._of_kind("_why_node", log)
        if why:
            return why
        if log.result == "told":
            return self.env._("Would happen; the simulation only tells it.")
        return ""

    def _asks_today(self):
        """The step decided by data as they are today, whatever the simulated clock says."""
        return bool(self._of_kind("_asks_today_node"))

    def _why_node_mail(self, log):
        _ = self.env._
        reasons = dict(
            self.env["mailing.trace"]._fields["failure_type"]._description_selection(self.env)
        )
        if log.result in reasons:
            return _("No mail: %s.", reasons[log.result])
        if log.result == "queued":
            address = log.enrolment_id.send_ids.filtered(lambda s: s.visit == log.visit).address
            return _("A mail would go to %s.", address)
        return ""

    def _why_node_wait_event(self, log):
        _ = self.env._
        if log.label == "timeout":
            return _(
                "%(event)s: did not happen within %(time)s.",
                event=self._event_text(), time=self._delay_text(),
            )  # fmt: skip
        if log.label == "yes":
            return _("%s: it happened.", self._event_text())
        return _("Waits: %s.", self._summary_text())

    def _why_node_branch(self, log):
        return f"{self._summary_text()} {self._exit_name(log.label)}." if log.label else ""

    def _asks_today_node_branch(self):
        return self.condition != "event"

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
        """The condition says it by `_branch_why_<condition>(log)`, if it can."""
        method = getattr(self, f"_branch_why_{self.condition}", None)
        return method(log) if method and log.label else ""

    def _asks_today_node_branch(self):
        return self.condition != "event"

    def _branch_why_event(self, log):
        _ = self.env._
        if log.label == "yes":
            return _("%s: it happened.", self._event_text())
        return _("%s: it has not happened since the person entered.", self._event_text())

    def _branch_why_band(self, log):
        person = log.person_id
        bands = dict(person._fields["nurture_band"]._description_selection(self.env))
        return self.env._(
            "The score is %(points)s: %(band)s.",
            points=person.nurture_score, band=bands.get(person.nurture_band, ""),
        )  # fmt: skip

    def _branch_why_domain(self, log):
        words = self.env["nurture.record.filter"]._words_of_domain(
            self.env["crm.lead"], self.domain
        )
        if log.label == "yes":
            return self.env._("The lead matches: %s.", words)
        return self.env._("The lead does not match: %s.", words)

    def _branch_why_segment(self, log):
        if log.label == "yes":
            return self.env._("The person is in “%s”.", self.segment_id.name)
        return self.env._("The person is not in “%s”.", self.segment_id.name)

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
            return self.env._("In a real run this happens; the trial does not do it.")
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
        if (log.result or "").startswith("too late"):
            return _("No mail: it would come more than %s days late.", self.max_late_days)
        if log.result == "queued":
            address = log.enrolment_id.send_ids.filtered(lambda s: s.visit == log.visit).address
            return _("A mail would go to %s.", address)
        return ""

    def _why_node_wait_event(self, log):
        _ = self.env._
        if self._waits_for_condition():
            words = self._words_of_conditions(self.until_domain)
            if log.label == "yes":
                return _("The lead matches: %s.", words)
            return _("The lead does not match: %s.", words)
        if log.label == "timeout":
            return _(
                "%(event)s: did not happen within %(time)s.",
                event=self._event_text(), time=self._delay_text(),
            )  # fmt: skip
        if log.label == "yes":
            return _("%s: it happened.", self._event_text())
        return _("Waits: %s.", self._summary_text())

    def _asks_today_node_wait_event(self):
        return self._waits_for_condition()

    def _asks_today_node_wait(self):
        return self.wait_mode == "date"

    def _words_of_conditions(self, text):
        return self.env["nurture.record.filter"]._words_of_domain(self.env["crm.lead"], text)

    # ------------------------------------------------------------
    # DECISIONS
    # ------------------------------------------------------------

    def _why_node_switch(self, log):
        case = self.case_ids.filtered(lambda c: c.label == log.label)
        if case:
            return self.env._("The lead matches: %s.", self._words_of_conditions(case.domain))
        return self.env._("The lead matches none of the cases before.") if log.label else ""

    def _asks_today_node_switch(self):
        return True

    def _why_node_split(self, log):
        winner = self.env["nurture.split"]._of(self).winner_label
        if winner == log.label:
            return self.env._("This path has won; everybody takes it.")
        return self.env._("Shared out by percentage, always the same way for the same person.")

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

    def _branch_why_score(self, log):
        points, _grade = self._told_scores(log.person_id, log.arrived_at).get(
            log.person_id.id, (0, "")
        )
        return self.env._("The score is %s.", points)

    def _branch_why_grade(self, log):
        _points, grade = self._told_scores(log.person_id, log.arrived_at).get(
            log.person_id.id, (0, "")
        )
        return self.env._("The grade is %s.", grade) if grade else self.env._("There is no grade.")

    def _branch_why_domain(self, log):
        words = self._words_of_conditions(self.domain)
        if log.label == "yes":
            return self.env._("The lead matches: %s.", words)
        return self.env._("The lead does not match: %s.", words)

    def _branch_why_segment(self, log):
        if log.label == "yes":
            return self.env._("The person is in “%s”.", self.segment_id.name)
        return self.env._("The person is not in “%s”.", self.segment_id.name)

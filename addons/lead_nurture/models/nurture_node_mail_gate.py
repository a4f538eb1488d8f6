from odoo import fields, models
from odoo.addons.lead_nurture.engine.gate import Policy
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.addons.lead_nurture.engine.rate import Limits

# words of the log for what the gate says
RESULTS = {
    "quiet": "quiet hours",
    "cap": "limit per person",
    "rate": "rate of the server",
    "busy": "another mail first",
}


class NurtureNode(models.Model):
    """Before the mail of a step is written the gate is asked. Whom it does not let pass yet, he
    stands at the step, with the reason, until it is to be asked again."""

    _inherit = "nurture.node"

    mail_category = fields.Selection(
        [("marketing", "Marketing"), ("transactional", "Asked for by the person")],
        "Purpose",
        required=True,
        default="marketing",
        help="Marketing keeps to quiet hours and to the limit of mails per person. What a person "
        "has asked for, such as a download link or a confirmation, leaves at once and does "
        "not count; rates of mail servers and opt-outs hold for both.",
    )
    max_late_days = fields.Integer(
        "At most late",
        default=3,
        help="In days. A mail that would leave later than this after it was due (limits, quiet "
        "hours, a server that was switched off) is left out, and the person goes on. 0: it is "
        "sent however late.",
    )

    _max_late_days_positive = models.Constraint(
        "CHECK(max_late_days >= 0)", "A mail cannot be late by less than 0 days."
    )

    def _run_node_mail(self, enrolments, now):
        return self._send_or_hold(enrolments, now)

    def _release_node_mail(self, enrolments, now):
        return self._send_or_hold(enrolments, now)

    def _send_or_hold(self, enrolments, now):
        # without an address there is nothing to hold back: the person goes on by other channels
        outcomes = self._hold_back(enrolments.filtered(lambda e: e.lead_id.email_normalized), now)
        going = enrolments.filtered(lambda e: e not in outcomes)
        if going:
            outcomes.update(super()._run_node_mail(going, now))
        return outcomes

    def _hold_back(self, reachable, now):
        """{enrolment: Outcome} of those whom the gate does not let pass now."""
        verdicts = self.env["nurture.send"]._gate(reachable, self, now) if reachable else {}
        outcomes, held = {}, {}
        for enrolment, verdict in verdicts.items():
            result = RESULTS.get(verdict.reason, "")
            if verdict.until is None:
                late = f"too late: {result}" if result else "too late"
                outcomes[enrolment] = Outcome.go(result=late)
            elif verdict.until > now:
                outcomes[enrolment] = Outcome.wait(verdict.until, result)
                held[enrolment] = verdict
        self.env["nurture.enrolment"]._set_mail_hold(held, now)
        return outcomes

    def _summary_node_mail(self):
        summary = super()._summary_node_mail()
        if self.mail_category == "transactional":
            return self.env._("%s (asked for)", summary)
        return summary

    # ------------------------------------------------------------
    # WHAT THE GATE GOES BY
    # ------------------------------------------------------------

    def _mail_policy(self):
        """Hours and limit per person for the mails of this step."""
        if self.mail_category == "transactional":
            return Policy()
        return self.company_id._nurture_policy()

    def _mail_limits(self):
        """(server, its limits): by which server the mail will leave. A server without limits of
        its own, or none, counts towards those of the company."""
        # sudo: servers are the administrator's
        servers = self.env["ir.mail_server"].sudo()
        mailing = self.mailing_id
        server = mailing.mail_server_id.sudo()  # sudo: see above
        if not server and servers.search_count([], limit=1):
            server = servers._find_mail_server(mailing.email_from)[0] or servers
        if server and not server._nurture_limits().are_none():
            return server, server._nurture_limits()
        return servers, Limits(per_hour=self.company_id.nurture_mail_rate)

from odoo import models


class NurtureEnrolment(models.Model):
    """People in a simulation stop at a step that fails, where a lane would try again; and why a
    mail was held back is kept, where a lane forgets it when the mail goes."""

    _inherit = "nurture.enrolment"

    def _do_step(self, node, releasing, now):
        """What fails in a simulation says nothing about the step at work."""
        errors = super()._do_step(node, releasing, now)
        return [] if self.env["nurture.simulation"]._script() else errors

    def _note_failure(self, error, now):
        if not self.env["nurture.simulation"]._script():
            return super()._note_failure(error, now)
        self.env.invalidate_all(flush=False)
        message = str(error)[:2000]
        self._set_parked(message)
        return message

    def _set_mail_hold(self, verdicts, now):
        super()._set_mail_hold(verdicts, now)
        script = self.env["nurture.simulation"]._script()
        if script:
            for enrolment, verdict in verdicts.items():
                script.hold(enrolment.person_id.id, enrolment.visit, verdict.reason)

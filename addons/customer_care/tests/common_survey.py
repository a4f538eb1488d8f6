"""The cast of the surveys: a programme that asks after cases, and customers to be asked."""
from datetime import timedelta

from .common import NOW
from .common_case import CaseCommon

#: Before everything that the stories tell.
LONG_AGO = NOW - timedelta(days=400)


class SurveyCommon(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.programs = cls.env["care.survey.program"].sudo()
        cls.invitations = cls.env["care.survey.invitation"].sudo()
        cls.company.write({"care_survey_hour_from": 0, "care_survey_hour_until": 24})
        cls.env["care.survey.program"].sudo().search([]).is_on = False

    @classmethod
    def _create_program(cls, on_since=LONG_AGO, **values):
        """Was it easy? A day after each case."""
        program = cls.programs.create({
            "name": "After a case", "metric": "ces", "trigger": "case_resolved",
            "company_id": cls.company.id, **values})
        program.action_switch_on()
        program.on_since = on_since
        return program

    @classmethod
    def _create_asked(cls, name, **values):
        return cls._create_customer(name, **{"email": f"{name.lower()}@example.com", **values})

    @classmethod
    def _settle_case(cls, partner, days=2, **values):
        """A case of the partner that was resolved so many days ago."""
        case = cls._open_case(partner, **values)
        case.action_resolve()
        case.sudo().last_resolved_at = NOW - timedelta(days=days)
        return case

    def _plan(self, program, now=NOW):
        return self.invitations._plan(program, now)

    def _ask(self, program, now=NOW):
        """Plan and hand over, as one run of the cron does."""
        self._plan(program, now)
        while self.invitations._send_due(self.company, now):
            pass
        while self.invitations._remind_due(self.company, now):
            pass

    def _leave(self, invitations):
        """Core's queue has sent their mails."""
        invitations.mail_id.state = "sent"
        self.invitations._forget_mails(self.company, NOW)

    def _of(self, partner, program=None):
        domain = [("partner_id", "=", partner.id)]
        if program:
            domain.append(("program_id", "=", program.id))
        return self.invitations.search(domain, order="id")

    def assertSkipped(self, partner, reason, program=None):
        invitation = self._of(partner, program)
        self.assertEqual(invitation.mapped("state"), ["skipped"])
        self.assertEqual(invitation.reason, reason)
        self.assertEqual(invitation.why, self.invitations._skip_reasons()[reason])
        self.assertFalse(invitation.mail_id)

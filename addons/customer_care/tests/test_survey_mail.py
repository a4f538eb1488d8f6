"""What stays of a survey mail, what comes back, and what it looks like before it is sent."""
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import NOW
from .common_survey import SurveyCommon

BOUNCE = """Return-Path: <>
From: Mailer <mailer-daemon@example.com>
To: bounce@example.com
Subject: Undelivered Mail
Message-Id: <bounce-1@example.com>
Content-Type: multipart/report; report-type={kind}; boundary="b"

--b
Content-Type: text/plain

No such user.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.com

Final-Recipient: rfc822; {email}
Action: {action}
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-Id: {name}

--b--
"""


@tagged("post_install", "-at_install")
class TestSurveyMail(SurveyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program = cls._create_program()

    def _invite(self):
        case = self._settle_case(self.writer)
        self._ask(self.program)
        return self._of(self.writer), case

    # ---- what stays -----------------------------------------------------------------------------

    def test_a_mail_that_left_keeps_nobodys_key(self):  # CC-8, RELIABILITY §4
        invitation, case = self._invite()
        mail, token, name = invitation.mail_id, invitation.token, invitation.mail_id.message_id
        self.invitations._forget_mails(self.company, NOW)
        self.assertTrue(mail.exists(), "it waits in the queue")
        self._leave(invitation)
        self.assertFalse(mail.exists())
        self.assertFalse(self.env["mail.mail"].sudo().search([("body_html", "like", token)]))
        self.assertFalse(self.env["mail.message"].sudo().search([("body", "like", token)]))
        self.assertEqual((invitation.state, invitation.sent_at, invitation.email, invitation.token),
                         ("sent", NOW, "writer@example.com", token))
        line = case.message_ids.filtered(lambda message: message.message_id == name)
        self.assertIn(self.program.question, line.body, "colleagues read that he was asked")

    def test_no_second_mail_while_the_first_waits(self):  # CC-8
        self.program.reminder_days = 5
        invitation, _case = self._invite()
        self._ask(self.program, NOW + timedelta(days=5))
        self.assertEqual(invitation.state, "sent")
        self._leave(invitation)
        self._ask(self.program, NOW + timedelta(days=6))
        self.assertEqual(invitation.state, "reminded")

    def test_a_mail_cancelled_in_the_queue_asked_nobody(self):  # RELIABILITY §1
        invitation, _case = self._invite()
        mail = invitation.mail_id
        mail.state = "cancel"
        self.invitations._take_back_unsent(self.company, NOW)
        self.invitations._send_due(self.company, NOW + timedelta(days=9))
        self.assertEqual((invitation.state, invitation.error),
                         ("failed", "The mail was cancelled in the queue."))
        self.assertFalse(mail.exists())

    def test_a_mail_that_comes_back_finds_its_row(self):  # CC-8
        invitation, _case = self._invite()
        name = invitation.mail_id.message_id
        self._leave(invitation)
        self._come_back(invitation, name)
        self.assertEqual((invitation.state, invitation.error),
                         ("failed", "The mail to writer@example.com came back."))
        self.invitations._send_due(self.company, NOW + timedelta(days=1))
        self.assertEqual(invitation.state, "failed", "somebody looks first")
        invitation.with_user(self.agent).action_retry()
        invitation.retry_at = NOW
        self.invitations._send_due(self.company, NOW)
        self.assertEqual((invitation.state, invitation.error), ("sent", False))

    def _come_back(self, invitation, name, kind="delivery-status", action="failed"):
        """A mail to the gateway that says that the mail of this Message-Id came back."""
        self.env["mail.thread"].sudo().message_process(False, BOUNCE.format(
            email=invitation.email, name=name, kind=kind, action=action))

    def test_a_forged_bounce_is_heard_by_nobody(self):  # CC-8
        """Who got a mail of ours knows how our names look, and counts on from his own."""
        other = self._create_asked("Other")
        self._settle_case(other)
        invitation, _case = self._invite()
        name, his = invitation.mail_id.message_id, self._of(other).mail_id.message_id
        self._leave(invitation)
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        key = his.split("@")[0].rpartition("-")[2]
        number = f"<care-survey-{invitation.id}"
        with self.assertNoLogs("odoo", "ERROR"):
            for forged in (
                    f"{number}-1-{uuid}@customer-care>", f"{number}-1-{key}@customer-care>",
                    f"{number}-2-{name.split('@')[0].rpartition('-')[2]}@customer-care>",
                    f"{number}-1-{'0' * 32}@customer-care>", f"{number}-1-@customer-care>",
                    name.replace("survey-", "survey-9"), name.replace("a", "\u00e4"), ""):
                self._come_back(invitation, forged)
        self.assertEqual((invitation.state, self._of(other).state), ("sent", "sent"))

    def test_a_late_mail_and_a_read_one_have_not_come_back(self):  # CC-8
        invitation, _case = self._invite()
        name = invitation.mail_id.message_id
        self._leave(invitation)
        for action in ("delayed", "relayed", "delivered"):
            self._come_back(invitation, name, action=action)
        self._come_back(invitation, name, kind="disposition-notification")
        self.assertEqual(invitation.state, "sent")
        self._come_back(invitation, name, action="Failed")
        self.assertEqual(invitation.state, "failed")

    # ---- what it looks like ---------------------------------------------------------------------

    def test_the_real_mail_with_dead_links(self):  # CC-8
        invitation, case = self._invite()
        sent, before = invitation.mail_id, self.env["mail.mail"].sudo().search_count([])
        rows = self.invitations.search_count([])
        action = self.program.with_user(self.agent).sudo(False).action_preview_mail()
        with Form(self.env[action["res_model"]].with_user(self.agent).with_context(
                **action["context"])) as form:
            self.assertEqual(form.partner_id, self.writer)
            self.assertEqual(form.subject, sent.subject)
            self.assertIn(case.number, form.body)
            self.assertIn("No more surveys", form.body)
            self.assertNotIn("href", form.body)
            self.assertNotIn(invitation.token, form.body)
            other = self._create_asked("Other")
            form.partner_id = other
            self.assertIn("Hello Other", form.body.replace("<span>", "").replace("</span>", ""))
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)
        self.assertEqual(self.invitations.search_count([]), rows)

    def test_a_mail_that_cannot_be_made_says_so(self):  # CC-8
        def broken(invitation, mail, again):
            raise ValueError("x")

        with patch.object(type(self.invitations), "_prepare_mail_vals", broken):
            preview = self.env["care.survey.mail.preview"].sudo().create({
                "program_id": self.program.id, "partner_id": self.writer.id})
            self.assertEqual((preview.error, preview.body), ("x", False))

    def test_a_test_of_csat_counts_nowhere(self):  # CC-8
        program = self._create_program(metric="csat")
        boss = self._create_user("test_boss", "customer_care.group_customer_care_manager")
        program.with_user(boss).sudo(False).action_test()
        test = self._of(boss.partner_id)
        test._answer(1, NOW)
        self.assertEqual((test.state, test.is_test), ("answered", True))
        self.assertFalse(self.env["care.feedback"].sudo().search([("program_id", "=", program.id)]))
        self.assertEqual((program.asked_count, program.answered_count), (0, 0))
        self.assertFalse(self.invitations.search(program.action_open_answered()["domain"]))

    def test_a_stranger_previews_nothing(self):  # RELIABILITY §3
        stranger = self._create_user("preview_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            self.program.with_user(stranger).sudo(False).action_preview_mail()

"""Mails of customers: which case they open or join, and what leaves."""
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.addons.mail.tests.common import MailCase
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_case import CaseCommon

MAIL = "odoo.addons.mail.models.mail_thread"


@tagged("post_install", "-at_install")
class TestCaseMail(MailCase, CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].sudo().create({
            "name": "beans.example.org", "bounce_alias": "bounce-beans",
            "catchall_alias": "catchall-beans", "default_from": "notifications-beans"})
        cls.team.alias_domain_id = cls.domain
        cls.team.confirm_arrival = False
        cls.company.write({"care_reopen_days": 14, "care_autoclose_days": 7})
        cls.numbers = iter(range(1, 1000))

    def _mail(self, subject="It leaks", body="Water everywhere.", sender="writer@example.com",
              to=None, headers="", raw=None, message_id=None):
        """What arrives at the gateway; returns the case it landed in, if any."""
        message_id = message_id or f"<mail-{next(self.numbers)}@example.com>"
        text = raw or (
            f"From: {sender}\nTo: {to or 'beans-service@beans.example.org'}\n"
            f"Subject: {subject}\nMessage-Id: {message_id}\n{headers}"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n" f"{body}\n")
        with self.mock_mail_gateway(), mute_logger(MAIL):
            found = self.env["mail.thread"].sudo().message_process(False, text)
        self.env.flush_all()
        return self.cases.browse(found or ())

    def _answer(self, case, text="On our way.", **values):
        with self.mock_mail_gateway():
            message = case.with_user(self.agent).message_post(
                body=text, message_type="comment", subtype_xmlid="mail.mt_comment", **values)
        return message

    # ---- opening --------------------------------------------------------------------------------

    def test_a_stranger_becomes_a_contact_once(self):  # CC-3
        first = self._mail(sender='"Nguyễn Văn An" <An.Nguyen@Example.com>')
        second = self._mail(sender="an.nguyen@example.com", subject="Another")
        self.assertEqual(first.team_id, self.team)
        self.assertEqual(first.company_id, self.company)
        self.assertEqual(first.partner_id.name, "Nguyễn Văn An")
        self.assertEqual(second.partner_id, first.partner_id)
        self.assertNotEqual(first, second)
        self.assertEqual(first.contact_ids.mapped("direction"), ["in"])
        self.assertFalse(first.first_response_at)
        self.assertIn(first.partner_id, first.message_partner_ids)

    def test_mails_to_an_archived_team_reach_who_works_in_its_place(self):  # CC-3
        teams = self.env["care.team"].sudo().search([("company_id", "=", self.company.id)])
        heirs = teams.create({"name": "Heirs", "company_id": self.company.id})
        teams.active = False
        self.assertEqual(self._mail().team_id, heirs)
        heirs.active = False
        self.assertEqual(self._mail().team_id, self.team, "nobody's mail is lost")

    def test_an_archived_contact_is_brought_back(self):  # CC-3
        self.writer.active = False
        case = self._mail()
        self.assertEqual(case.partner_id, self.writer)
        self.assertTrue(self.writer.active)

    def test_a_contact_of_another_company_is_not_taken(self):  # CC-3
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        self.writer.company_id = other
        case = self._mail()
        self.assertEqual(case.company_id, self.company)
        self.assertNotEqual(case.partner_id, self.writer)
        self.assertEqual(case.partner_id.email, "writer@example.com")

    def test_a_blacklisted_customer_is_answered(self):  # CC-3
        self.env["mail.blacklist"].sudo()._add("writer@example.com")
        case = self._mail()
        self._answer(case)
        self.assertEqual(self._new_mails.recipient_ids, self.writer)

    def test_a_forwarded_mail_is_its_writers_matter(self):  # CC-3
        case = self._mail(
            sender=self.agent.email, subject="Fwd: It leaks",
            body="Please see below.\n\n---------- Forwarded message ---------\n"
                 "From: Writer <writer@example.com>\nSubject: It leaks\n\nWater everywhere.")
        self.assertEqual((case.partner_id, case.channel), (self.writer, "email"))
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])
        self.assertFalse(case.first_response_at)

    def test_a_colleague_who_writes_opens_his_own_case(self):  # CC-3
        case = self._mail(sender=self.agent.email, subject="My printer")
        self.assertEqual((case.partner_id, case.channel), (self.agent.partner_id, "internal"))
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])

    def test_files_and_readers_are_kept(self):  # CC-3
        case = self._mail(raw=(
            "From: writer@example.com\nTo: beans-service@beans.example.org\n"
            "Cc: Boss <boss@example.com>\nSubject: Photo\nMessage-Id: <photo@example.com>\n"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
            "--x\nContent-Type: text/plain\n\nSee the photo.\n"
            "--x\nContent-Type: image/png; name=leak.png\nContent-Disposition: attachment; "
            "filename=leak.png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--x--\n"))
        self.assertIn("boss@example.com", case.email_cc)
        self.assertEqual(case.message_ids.attachment_ids.mapped("name"), ["leak.png"])

    def test_odd_mails_open_a_case_all_the_same(self):  # CC-3
        empty = self._mail(subject="", body="")
        self.assertEqual(empty.name, "No subject")
        huge = self._mail(subject="x" * 5000, body="word " * 60_000)
        self.assertEqual(len(huge.name), 250)
        self.assertLess(len(huge.description), 60_000)
        nul = self._mail(subject="=?utf-8?q?NUL=00here?=", raw=(
            "From: writer@example.com\nTo: beans-service@beans.example.org\n"
            "Subject: =?utf-8?q?NUL=00here?=\nMessage-Id: <nul@example.com>\n"
            "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: quoted-printable\n\nIt leaks=00 again.\n"))
        self.assertEqual(nul.name, "NULhere")
        nobody = self._mail(sender="")
        self.assertFalse(nobody.partner_id)
        self.assertTrue(nobody.contact_ids)

    # ---- joining --------------------------------------------------------------------------------

    def test_a_lost_reference_is_found_by_the_number(self):  # CC-3
        case = self._mail()
        self.assertEqual(self._mail(subject=f"Re: [{case.number}] It leaks"), case)
        colleague = self.env["res.partner"].create({
            "name": "Colleague", "email": "colleague@example.com",
            "parent_id": self.writer.commercial_partner_id.id})
        self.assertEqual(
            self._mail(subject=f"AW: [{case.number}]", sender=colleague.email), case)
        stranger = self._mail(subject=f"Re: [{case.number}]", sender="stranger@example.net")
        self.assertNotEqual(stranger, case)
        self.assertEqual(len(case.contact_ids), 3)

    def test_an_answer_leaves_with_number_and_address_of_the_team(self):  # CC-3
        case = self._mail()
        self._answer(case)
        sent = self._new_mails
        self.assertEqual(sent.recipient_ids, self.writer)
        self.assertEqual(sent.subject, f"[{case.number}] It leaks")
        self.assertIn("beans-service@beans.example.org", sent.reply_to)
        self.assertTrue(case.first_response_at)
        self._answer(case, subject="About your machine")
        self.assertEqual(self._new_mails.subject, f"[{case.number}] About your machine")

    def test_an_internal_note_never_leaves(self):  # CC-3
        case = self._mail()
        with self.mock_mail_gateway():
            case.with_user(self.agent).message_post(
                body="He is difficult.", message_type="comment", subtype_xmlid="mail.mt_note")
        self.assertFalse(self._new_mails)
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])

    def test_an_agent_answers_from_his_mailbox(self):  # CC-3
        case = self._mail(message_id="<lid@example.com>")
        joined = self._mail(
            sender=self.agent.email, subject="Re: It leaks", body="Tighten the lid.",
            headers="In-Reply-To: <lid@example.com>\n")
        self.assertEqual(joined, case)
        self.assertEqual(case.contact_ids.sorted("id").mapped("direction"), ["in", "out"])
        self.assertTrue(case.first_response_at)

    # ---- what is no word of the customer --------------------------------------------------------

    def test_an_automatic_answer_opens_nothing_and_reopens_nothing(self):  # CC-3, CC-7
        away = "Auto-Submitted: auto-replied\n"
        self.assertFalse(self._mail(subject="I am away", headers=away))
        case = self._mail(message_id="<a@example.com>")
        case.with_user(self.agent).action_resolve()
        self._mail(subject="I am away", headers=away + "In-Reply-To: <a@example.com>\n")
        self.assertEqual((case.stage_kind, case.reopen_count), ("resolved", 0))
        self.assertEqual(
            case.contact_ids.filtered("is_noise").mapped("noise_reason"), ["automatic"])

    def test_a_form_that_a_program_sends_opens_a_case_and_is_not_confirmed(self):  # CC-3
        self.team.confirm_arrival = True
        case = self._mail(headers="Auto-Submitted: auto-generated\n")
        self.assertTrue(case.contact_ids.is_noise)
        self.assertFalse(self._new_mails)
        case.contact_ids.with_user(self.agent).action_needs_answer()
        self.assertFalse(case.contact_ids.is_noise)

    def test_a_customer_behind_a_mailing_list_is_a_customer(self):  # CC-3, CC-6, CC-7
        self.team.confirm_arrival = True
        for headers in ("List-Id: <buyers.customer.example.com>\n", "Precedence: list\n",
                        "Precedence: bulk\n", "X-Auto-Response-Suppress: OOF\n",
                        "Auto-Submitted: no\nPrecedence: bulk\n"):
            case = self._mail(headers=headers)
            self.assertFalse(self._new_mails, headers)
            self.assertFalse(case.contact_ids.is_noise, headers)
            self.assertEqual(case.last_inbound_at, case.contact_ids.at)
            case.with_user(self.agent).action_resolve()
            reference = f"In-Reply-To: {case.contact_ids.message_id.message_id}\n"
            self._mail(subject="Re:", body="It leaks again.", headers=headers + reference)
            self.assertEqual((case.stage_kind, case.reopen_count), ("open", 1), headers)

    def test_the_absence_of_an_agent_is_no_reply(self):  # CC-3
        for absent in ("Auto-Submitted: auto-replied\n", "Auto-Submitted: auto-generated\n",
                       "X-Autorespond: away\n"):
            case = self._mail()
            reference = f"In-Reply-To: {case.contact_ids.message_id.message_id}\n"
            joined = self._mail(sender=self.agent.email, subject="I am away",
                                body="Back on Monday.", headers=absent + reference)
            self.assertEqual(joined, case)
            self.assertFalse(case.first_response_at, absent)
            self.assertEqual(case.contact_ids.mapped("direction"), ["in"])
            self.assertFalse(self._new_mails, "the customer does not get it")
            note = case.message_ids[:1]
            self.assertIn("Back on Monday", note.body)
            self.assertTrue(note.subtype_id.internal, "nor does he read it in the portal")
            self.assertNotIn(self.writer, note.notified_partner_ids)

    def test_our_own_address_opens_no_case(self):  # CC-3
        for sender in ("beans-service@beans.example.org", "notifications-beans@beans.example.org",
                       "catchall-beans@beans.example.org"):
            self.assertFalse(self._mail(sender=sender))
        # an address of the same name elsewhere is a customer's
        self.assertTrue(self._mail(sender="beans-service@customer.example.com"))

    def test_the_same_mail_twice_is_one(self):  # CC-3
        case = self._mail(message_id="<twice@example.com>")
        self.assertFalse(self._mail(message_id="<twice@example.com>"))
        self.assertEqual(len(case.contact_ids), 1)

    # ---- confirmation ---------------------------------------------------------------------------

    def test_arrival_is_confirmed_once(self):  # CC-3
        self.team.write({"confirm_arrival": True, "confirm_hours": 24})
        case = self._mail()
        mail = self._new_mails
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.writer)
        self.assertEqual(mail.subject, f"[{case.number}] It leaks")
        self.assertIn("auto-replied", mail.headers)
        self.assertFalse(case.first_response_at, "a program has not answered the customer")
        self.assertEqual(case.contact_ids.mapped("direction"), ["in"])
        self._mail(subject="Another")
        self.assertFalse(self._new_mails, "one a day for each customer")
        with freeze_time(fields.Datetime.now() + timedelta(hours=25)):
            self._mail(subject="A third")
        self.assertEqual(len(self._new_mails), 1)
        self.assertFalse(self._mail(
            subject="I am away", headers="X-Autoreply: yes\n"), "its answer starts no loop")

    def test_the_customers_last_words_stand_on_the_case(self):  # CC-3
        case = self._mail(body="Water everywhere.")
        self.assertEqual(case.customer_words, "Water everywhere.")
        self._answer(case, "Which machine?")
        self.assertEqual(case.customer_words, "Water everywhere.", "ours are not his")
        self._mail(body="The big one. " + "It drips. " * 30,
                   headers=f"In-Reply-To: {case.message_ids[-1].message_id}\n")
        self.assertTrue(case.customer_words.startswith("The big one. It drips."))
        self.assertLessEqual(len(case.customer_words), 120)
        noted = self._open_case(channel="phone", description="<p>He <b>shouted</b></p>")
        self.assertEqual(noted.customer_words, "He shouted")

    def test_an_answer_to_the_confirmation_is_a_word_of_the_customer(self):  # CC-3
        self.team.confirm_arrival = True
        case = self._mail()
        sent = self._new_mails.mail_message_id
        self._mail(subject="Re:", body="It is getting worse.",
                   headers=f"In-Reply-To: {sent.message_id}\n")
        self.assertEqual(case.contact_ids.mapped("direction"), ["in", "in"])

    # ---- reopen ---------------------------------------------------------------------------------

    def _resolved(self, days=0, close=False):
        """A case of so many days ago, resolved then, and closed if asked."""
        with freeze_time(fields.Datetime.now() - timedelta(days=days)):
            case = self._mail(message_id=f"<old-{next(self.numbers)}@example.com>")
            case.with_user(self.agent).action_resolve()
            if close:
                case._close("solved")
        return case, f"In-Reply-To: {case.message_ids.filtered('subtype_id')[-1:].message_id}\n"

    def test_a_word_after_the_resolution_opens_the_case_again(self):  # CC-7
        case, headers = self._resolved(2)
        first = case.resolved_at
        found = self._mail(subject="Re: It leaks", body="It leaks again.", headers=headers)
        self.assertEqual(found, case)
        self.assertEqual((case.stage_kind, case.reopen_count), ("open", 1))
        self.assertEqual(case.resolved_at, first)
        told = case.message_ids.filtered(lambda m: m.message_type == "user_notification")
        self.assertFalse(told, "a notice to the resolver is not part of the conversation")
        notice = self.env["mail.notification"].sudo().search(
            [("res_partner_id", "=", self.agent.partner_id.id)])
        self.assertIn(f"Open again: [{case.number}]", notice.mail_message_id.mapped("subject")[-1])

    def test_thanks_change_nothing(self):  # CC-7
        for text in ("Thanks!", "Cảm ơn em nhiều nhé", "ขอบคุณมากครับ", "謝謝您",
                     "ありがとうございました",
                     "Thank you, Case_agent!\n\nOn Mon, 2 Mar 2026 Agent wrote:\n> Done? Really?"):
            case, headers = self._resolved(1)
            self._mail(subject="Re: It leaks", body=text, headers=headers)
            self.assertEqual(
                (case.stage_kind, case.reopen_count), ("resolved", 0), text)
            self.assertIn("thanks", case.contact_ids.mapped("noise_reason"))

    def test_thanks_with_a_but_is_no_thanks(self):  # CC-7
        for text in ("Thanks, but it still leaks.", "Thanks. When does it arrive?",
                     "ขอบคุณ แต่ยังไม่ได้", "謝謝，還是漏水"):
            case, headers = self._resolved(1)
            self._mail(subject="Re: It leaks", body=text, headers=headers)
            self.assertEqual(case.stage_kind, "open", text)

    def test_the_company_has_its_own_words(self):  # CC-7
        self.company.write({"care_thanks_words": "merci\n\n", "care_matter_words": "facture"})
        case, headers = self._resolved(1)
        self._mail(subject="Re:", body="Merci, Writer", headers=headers)
        self.assertEqual(case.stage_kind, "resolved")
        self._mail(subject="Re:", body="Thanks, facture", headers=headers)
        self.assertEqual(case.stage_kind, "open")

    def test_thanks_with_a_file_is_no_thanks(self):  # CC-7
        case, headers = self._resolved(1)
        self._mail(raw=(
            "From: writer@example.com\nTo: beans-service@beans.example.org\nSubject: Re:\n"
            f"Message-Id: <f@example.com>\n{headers}"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
            "--x\nContent-Type: text/plain\n\nThanks!\n"
            "--x\nContent-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; "
            "filename=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--x--\n"))
        self.assertEqual(case.stage_kind, "open")

    def test_quoted_html_is_not_read(self):  # CC-7
        case, headers = self._resolved(1)
        self._mail(raw=(
            "From: writer@example.com\nTo: beans-service@beans.example.org\nSubject: Re:\n"
            f"Message-Id: <h@example.com>\n{headers}"
            "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n"
            "<div>Thank you so much!</div><div class='gmail_quote'>On Monday wrote:"
            "<blockquote>Is it better? Call 12345 please.</blockquote></div>\n"))
        self.assertEqual(case.stage_kind, "resolved")

    def test_a_word_to_a_closed_case(self):  # CC-7
        young, headers = self._resolved(10, close=True)
        self._mail(subject="Re: It leaks", body="It leaks again.", headers=headers)
        self.assertEqual((young.stage_kind, young.reopen_count), ("open", 1))
        old, headers = self._resolved(15, close=True)
        self._mail(subject="Re: It leaks", body="Thanks!", headers=headers)
        self.assertFalse(old.followup_ids)
        self._mail(subject="Re: It leaks", body="It leaks again.", headers=headers,
                   message_id="<late@example.com>")
        self.assertEqual((old.stage_kind, old.reopen_count), ("closed", 0))
        follow = old.followup_ids
        self.assertEqual((follow.partner_id, follow.stage_kind), (self.writer, "new"))
        self.assertEqual(follow.contact_ids.message_id.message_id, "<late@example.com>")
        self.assertIn(follow.contact_ids.message_id, follow.message_ids)
        again = self._mail(
            subject="Re:", body="Hello?", headers="In-Reply-To: <late@example.com>\n")
        self.assertEqual(again, follow)
        for number in range(2):
            self._mail(subject="Re: It leaks", body="And the cup is broken.", headers=headers,
                       message_id=f"<later{number}@example.com>")
        self.assertEqual(old.followup_ids, follow, "what goes on already goes on there")
        self.assertEqual(len(follow.contact_ids), 4)
        follow._move_to("resolved")
        self._mail(subject="Re: It leaks", body="It leaks still.", headers=headers,
                   message_id="<still@example.com>")
        self.assertEqual((old.followup_ids, follow.stage_kind, follow.reopen_count),
                         (follow, "open", 1))

    def test_the_customers_answer_ends_the_waiting(self):  # CC-7
        case = self._mail(message_id="<wait@example.com>")
        case._move_to("waiting")
        self._mail(subject="Re:", headers="In-Reply-To: <wait@example.com>\n"
                   "Auto-Submitted: auto-replied\n")
        self.assertEqual(case.stage_kind, "waiting")
        self._mail(subject="Re:", body="Yes, thanks!", headers="In-Reply-To: <wait@example.com>\n")
        self.assertEqual(case.stage_kind, "open", "we had asked")
        self.assertEqual(case.reopen_count, 0)

    def test_resolved_cases_close_themselves(self):  # CC-7
        quiet, _headers = self._resolved(8)
        fresh, _headers = self._resolved(6)
        now = fields.Datetime.now()
        self.env["care.night"].sudo()._run_steps(self.company, now, "case_close")
        self.assertEqual((quiet.stage_kind, quiet.close_reason), ("closed", "solved"))
        self.assertEqual(fresh.stage_kind, "resolved")
        self.company.care_autoclose_days = 0
        self.env["care.night"].sudo()._run_steps(
            self.company, now + timedelta(days=99), "case_close")
        self.assertEqual(fresh.stage_kind, "resolved", "0 days: never")

    def test_one_case_that_cannot_be_closed_keeps_no_other_open(self):  # CC-7
        bad, _headers = self._resolved(9)
        good, _headers = self._resolved(9)
        moment = type(self.cases)._on_closed

        def _on_closed(case, now):
            if case == bad:
                raise ValueError
            return moment(case, now)
        with patch.object(type(self.cases), "_on_closed", _on_closed), mute_logger(
                "odoo.addons.customer_care.models.care_night_case"):
            self.env["care.night"].sudo()._run_steps(
                self.company, fields.Datetime.now(), "case_close")
        self.assertEqual((bad.stage_kind, good.stage_kind), ("resolved", "closed"))

    def test_spam_stays_closed(self):  # CC-7
        case = self._mail(message_id="<spam@example.com>")
        case._close("spam")
        self._mail(subject="Re:", body="Buy!", headers="In-Reply-To: <spam@example.com>\n")
        self.assertEqual(case.stage_kind, "closed")

    # ---- people ---------------------------------------------------------------------------------

    def test_two_agents_take_the_same_case(self):  # CC-3
        second = self._create_user("case_second", "customer_care.group_customer_care_user")
        case = self._mail()
        case.with_user(self.agent).action_take()
        with self.assertRaisesRegex(Exception, "case_agent has "):
            case.with_user(second).action_take()
        self.assertEqual(case.user_id, self.agent)

    def test_a_deleted_customer_leaves_his_name(self):  # CC-3
        case = self._mail(sender='"Gone Away" <gone@example.com>')
        case.partner_id.unlink()
        self.assertEqual((case.partner_name, case.email_from),
                         ("Gone Away", "gone@example.com"))
        self.assertEqual(len(case.contact_ids), 1)

    def test_the_wrong_customer_hears_nothing_more(self):  # CC-3
        case = self._mail()
        right = self._create_customer("Right", email="right@example.com")
        case.with_user(self.agent).partner_id = right
        self.assertNotIn(self.writer, case.message_partner_ids)
        self._answer(case)
        self.assertEqual(self._new_mails.recipient_ids, right)

    def test_agents_do_not_write_contacts(self):  # CC-6
        case = self._mail()
        with self.assertRaisesRegex(Exception, "not allowed to modify"):
            case.contact_ids.with_user(self.agent).write({"direction": "out"})

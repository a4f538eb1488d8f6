import re
import smtplib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_scenario import BROWSER, ScenarioCase


@tagged("post_install", "-at_install")
class TestSending(ScenarioCase):
    """Mails of scenarios: written once, sent once, not to who said no, and followed up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.scenario = cls._create_scenario(cls._welcome_steps())

    def _queue(self):
        self._let_in(self.scenario)
        self._advance()
        return self._sends_of(self.lead)

    def _mail_of(self, send):
        return self.env["mail.mail"].search([("nurture_send_id", "=", send.id)])

    def test_ledger_and_mail_are_one(self):  # RELIABILITY 1.1
        send = self._queue()
        mail = self._mail_of(send)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(send.state, "queued")
        self.assertEqual(send.trace_id, mail.mailing_trace_ids)
        self.assertEqual(send.message_id, mail.message_id)
        uuid = self.env["ir.config_parameter"].get_param("database.uuid")
        self.assertIn(uuid, send.message_id)
        self.assertEqual(mail.email_from, self.mira.email_formatted)

    def test_the_mail_is_personal_and_tracked(self):  # LN-33
        send = self._queue()
        body = self._deliver()[0]["body"]
        self.assertIn("Hello Ann", body)
        self.assertEqual(len(re.findall(r"/n/c/\d+-\d+-[0-9a-f]{32}\"", body)), 2)
        self.assertEqual(len(re.findall(r"/n/o/\d+-[0-9a-f]{32}\.gif", body)), 1)
        self.assertIn("/confirm_unsubscribe", body, "core's own page for leaving")
        self.assertNotIn("/mail/track/", body, "core's pixel would change the trace at once")
        self.assertNotIn("https://pumps.test/", body)
        tracked = " ".join(re.findall(r"\S*/n/[co]/\S*", body))
        self.assertNotIn(self.env.cr.dbname, tracked)
        self.assertNotIn("ann", tracked)
        self.assertEqual(
            self.env["nurture.link"].search([]).filtered(
                lambda link: link.mailing_id == send.node_id.mailing_id
            ).mapped("url"),
            ["https://pumps.test/guide?step=1&x=2", "https://pumps.test/prices"],
        )

    def test_placeholders_speak_the_language_of_the_recipient(self):  # LN-33
        """A composer call for each language, not one for each person."""
        french = self.env["res.lang"]._activate_lang("fr_FR")
        deadline = {"date_deadline": "2026-03-07"}
        self._create_lead("Bo", "bo@pumps.test", **deadline)
        zoe = self._create_lead("Zoé", "zoe@pumps.test", lang_id=french.id, **deadline)
        yve = self._create_lead("Yve", "yve@pumps.test", **deadline)
        self._person_of(yve).lang = "fr_FR"
        scenario = self._create_scenario(self._welcome_steps(), start=False)
        mailing = scenario.draft_id.node_ids.filtered("mailing_id")[0].mailing_id
        mailing.body_html = "<p>Until <t t-out='format_date(object.date_deadline)'>soon</t></p>"
        scenario.action_start()
        scenario.enrol_since = self.now - timedelta(hours=1)
        self._let_in(scenario)
        compose = type(self.env["mail.compose.message"])._action_send_mail
        with patch.object(
            type(self.env["mail.compose.message"]), "_action_send_mail", autospec=True,
            side_effect=compose,
        ) as calls:
            self._advance()
        self.assertEqual(calls.call_count, 2)
        bodies = {mail["email_to"][0]: mail["body"] for mail in self._deliver()}
        told = {
            name: "07/03/2026" if "07/03/2026" in body else "03/07/2026" in body
            for name in ("bo", "zoe", "yve")
            for to, body in bodies.items()
            if f"{name}@" in to
        }
        self.assertEqual(told, {"bo": True, "zoe": "07/03/2026", "yve": "07/03/2026"})
        self.assertIn("07/03/2026", mailing.nurture_node_id._render_mail_for(zoe)["body"])

    def test_the_chatter_keeps_plain_links(self):
        self._queue()
        self._deliver()
        message = self.lead.message_ids.filtered(lambda m: "Guide" in (m.body or ""))
        self.assertIn("https://pumps.test/guide", message.body)
        self.assertNotIn("/n/c/", message.body)

    def test_one_click_unsubscribe_header(self):  # LN-33
        self._queue()
        headers = self._deliver()[0]["headers"]
        self.assertIn("unsubscribe_oneclick", headers["List-Unsubscribe"])
        self.assertEqual(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")

    def test_nobody_is_mailed_who_opts_out_meanwhile(self):  # RELIABILITY 0
        send = self._queue()
        self.env["mail.blacklist"]._add("ann@pumps.test")
        self.assertFalse(self._deliver())
        self.assertEqual(self._mail_of(send).state, "cancel")
        self.assertEqual(self._mail_of(send).failure_type, "mail_bl")
        self._settle()
        self.assertEqual((send.state, send.failure_type), ("cancel", "mail_bl"))
        self._advance(self._later(days=4))
        self.assertLeft(self.lead, "opted_out")

    def test_missing_address_goes_on_without_mail(self):
        self._queue()
        lead = self._create_lead("Phone", False, phone="+32 470 12 34 56", country_id=self.env.ref(
            "base.be").id)
        self.scenario.trigger_domain = "[]"
        self._let_in(self.scenario)
        self._advance()
        self.assertStands(lead, "click")
        self.assertEqual(self._sends_of(lead).state, "cancel")
        self.assertEqual(self._sends_of(lead).failure_type, "mail_email_missing")

    def test_sent_is_an_event(self):  # LN-2
        send = self._queue()
        self._deliver()
        self._settle()
        self.assertEqual(send.state, "sent")
        self.assertTrue(send.sent_at)
        self._settle()
        events = self.env["nurture.event"].search([("person_id", "=", send.person_id.id)])
        self.assertEqual(events.mapped("kind"), ["mail_sent"])

    # ------------------------------------------------------------
    # OPENS AND CLICKS
    # ------------------------------------------------------------

    def test_replayed_click_is_one_event(self):  # LN-2
        send = self._queue()
        self._deliver()
        self._age_mails()
        now = fields.Datetime.now()  # one event an hour: another one must not begin here
        for _hit in range(3):
            self._click(send, at=now)
        self._ingest()
        self._click(send, at=now)
        self._ingest()
        self._advance()
        self.assertLeft(self.lead, "finished")
        clicks = self.env["nurture.event"].search(
            [("kind", "=", "mail_click"), ("person_id", "=", send.person_id.id)]
        )
        self.assertEqual(len(clicks), 1)
        self.assertEqual(clicks.url, "https://pumps.test/guide", "no query string is kept")
        self.assertTrue(send.clicked_at)
        self.assertEqual(send.trace_id.trace_status, "open")

    def test_scanners_wake_nobody(self):  # LN-3
        send = self._queue()
        self._click(send)  # before the mail was even sent
        self._deliver()
        self._click(send)  # at once after
        self._ingest()
        self._age_mails()
        self._click(send, agent="Barracuda Sentinel")
        self._click(send, method="HEAD")
        self._ingest()
        self._advance()
        self.assertStands(self.lead, "click", "waiting")
        actors = self.env["nurture.event"].search([("kind", "=", "mail_click")]).mapped("actor")
        self.assertEqual(set(actors), {"machine"})
        self.assertFalse(send.clicked_at, "core's statistics count humans only")
        self._click(send, agent=BROWSER)
        self._ingest()
        self._advance()
        self.assertLeft(self.lead, "finished")

    def test_two_links_at_once_are_a_machine_over_two_batches(self):  # LN-3
        send = self._queue()
        self._deliver()
        self._age_mails()
        now = fields.Datetime.now()
        self._click(send, 0, at=now)
        self._ingest()
        self._click(send, 1, at=now)
        self._ingest()
        events = self.env["nurture.event"].search([("kind", "=", "mail_click")])
        self.assertEqual(events.mapped("actor"), ["machine", "machine"])

    def test_pixel_while_sending_leaves_the_trace_alone(self):  # RELIABILITY 1
        send = self._queue()
        self._open(send)
        self._ingest()
        self.assertEqual(send.trace_id.trace_status, "outgoing")
        self._deliver()
        self._age_mails()
        self._open(send)
        self._ingest()
        self.assertEqual(send.trace_id.trace_status, "open")

    def test_answer_and_bounce_are_events(self):  # LN-2
        send = self._queue()
        self._deliver()
        traces = self.env["mailing.trace"]
        traces.set_replied(domain=[("message_id", "=", send.message_id)])
        traces.set_bounced(domain=[("message_id", "=", send.message_id)])
        kinds = self.env["nurture.event"].search([("person_id", "=", send.person_id.id)])
        self.assertEqual(set(kinds.mapped("kind")), {"mail_reply", "mail_bounce"})

    def test_opting_out_is_an_event(self):  # LN-2
        person = self._person_of(self.lead)
        entry = self.env["mail.blacklist"]._add("ann@pumps.test")
        entry.write({"active": True})
        kinds = self.env["nurture.event"].search([("person_id", "=", person.id)]).mapped("kind")
        self.assertEqual(kinds, ["unsubscribe"])

    # ------------------------------------------------------------
    # TROUBLE
    # ------------------------------------------------------------

    def _deliver_with(self, error):
        """The server answers with `error`."""
        with self.mock_mail_gateway(), patch.object(
            IrMail_Server, "send_email", side_effect=error
        ), self.assertLogs("odoo.addons.mail.models.mail_mail", "ERROR"):
            self.env["mail.mail"].process_email_queue()
        self.env.invalidate_all()

    def test_refusal_for_now_is_tried_again(self):  # LN-43
        send = self._queue()
        message_id = send.message_id
        self._deliver_with(Exception("SMTPRecipientsRefused: {'a': (451, b'4.7.1 Greylisted')}"))
        self.assertEqual(self._mail_of(send).state, "exception")
        self._settle()
        self.assertEqual((send.state, send.attempts), ("retry", 1))
        self.assertIn("451", send.failure_reason)
        mail = self._mail_of(send)
        self.assertEqual(mail.state, "outgoing")
        self.assertGreater(mail.scheduled_date, self._later(minutes=4))
        self.assertFalse(self._deliver(), "not before its time")
        mail.scheduled_date = self._later(minutes=-1)
        sent = self._deliver()
        self.assertEqual(len(sent), 1)
        self.assertEqual(sent[0]["message_id"], message_id, "the same mail, not another one")
        self._settle()
        self.assertEqual(send.state, "sent")

    def test_refusal_for_good_is_not(self):  # LN-43
        send = self._queue()
        self._deliver_with(Exception("SMTPDataError: (554, b'5.7.1 Spam')"))
        self._settle()
        self.assertEqual((send.state, send.attempts), ("failed", 1))
        send.with_user(self.mira).action_resend()
        self.assertEqual(self._mail_of(send).state, "outgoing")
        self.assertEqual(len(self._deliver()), 1)

    def test_server_down_gives_up_after_the_last_pause(self):  # LN-43
        send = self._queue()
        for _attempt in range(10):
            self._mail_of(send).scheduled_date = False
            if self._mail_of(send).state != "outgoing":
                break
            self._deliver_with(Exception("SMTPSenderRefused: (421, b'Try later')"))
            self._settle()
        self.assertEqual((send.state, send.attempts), ("failed", 6))

    def test_broken_connection_keeps_the_rest(self):  # RELIABILITY 1.4
        other = self._create_lead("Bob", "bob@pumps.test")
        self._queue()
        error = smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        self._deliver_with(error)
        sends = self._sends_of(self.lead) | self._sends_of(other)
        states = sorted(sends.mapped("trace_id.trace_status"))
        self.assertEqual(states, ["error", "outgoing"], "one is unknown, the other untouched")
        self._settle()
        self.assertEqual(sorted(sends.mapped("state")), ["queued", "retry"])

    def test_sender_that_comes_second_sends_nothing(self):  # RELIABILITY 1.3
        send = self._queue()
        mail = self._mail_of(send)
        self.assertEqual(mail.state, "outgoing")  # read, and remembered
        self.env.cr.execute("UPDATE mail_mail SET state = 'sent' WHERE id = %s", [mail.id])
        with self.mock_mail_gateway():
            mail.send()
            self.assertFalse(self._mails)

    def test_another_step_of_the_same_mailing_is_not_a_duplicate(self):
        """Core's list of addresses already mailed would stop somebody who comes back."""
        send = self._queue()
        self._deliver()
        self.scenario.reentry_policy = "always"
        send.enrolment_id._set_exited("manual")
        self.env.invalidate_all()
        self.scenario._enrol_leads(self.lead, anew=True)
        self._advance()
        self.assertEqual(self._sends_of(self.lead).mapped("state"), ["queued", "queued"])
        self.assertEqual(len(self._deliver()), 1)

    def test_mailings_of_steps_cannot_be_sent_by_hand(self):
        mailing = self._queue().node_id.mailing_id
        self.assertNotIn(mailing, self.env["mailing.mailing"].search([]), "hidden from people")
        for verb in ("action_launch", "action_put_in_queue", "action_send_mail"):
            with self.assertRaises(UserError):
                getattr(mailing, verb)()

    def test_published_mails_are_frozen(self):  # LN-38
        mailing = self._queue().node_id.mailing_id
        with self.assertRaises(UserError):
            mailing.subject = "Something else"
        self.scenario.action_edit_steps()
        draft = self.scenario.draft_id.node_ids.filtered(lambda n: n.name == "welcome")
        self.assertNotEqual(draft.mailing_id, mailing)
        draft.mailing_id.subject = "Better words"
        self.assertEqual(mailing.subject, "About welcome")

    def test_the_mail_of_a_published_step_stays_whole(self):  # LN-38
        mailing = self._queue().node_id.mailing_id
        attachment = self.env["ir.attachment"].create({"name": "Price list", "raw": b"1"})
        for vals in ({"email_from": "x@pumps.test"}, {"reply_to": "x@pumps.test"},
                     {"attachment_ids": [(4, attachment.id)]}):  # fmt: skip
            with self.assertRaises(UserError, msg=vals):
                mailing.write(vals)
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            mailing.unlink()
        draft = self.env["mailing.mailing"].create({"subject": "News"})
        draft.unlink()
        self.assertTrue(mailing.exists())

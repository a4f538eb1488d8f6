"""A customer's words: the excerpt follows them, and none of them is a note (CC-3, CC-20)."""
import time
from datetime import timedelta

from odoo import fields
from odoo.addons.customer_care.controllers import case_upload
from odoo.addons.customer_care.engine.window import network_of
from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.service.model import call_kw
from odoo.tests import HttpCase, tagged

from .common_case import CaseCommon

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 40


@tagged("post_install", "-at_install")
class TestExcerpt(CaseCommon):
    """What the customer said last is told from the message as it stands now."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._open_case(channel="phone", description="<p>Noted by telephone</p>").sudo()

    def _say(self, body):
        return self.case.message_post(
            body=body, author_id=self.writer.id, message_type="comment",
            subtype_xmlid="mail.mt_comment")

    def _edit(self, message, body):
        self.case._message_update_content(message, body=body, attachment_ids=[], strict=False)

    def test_an_edited_word_is_told_as_it_is_now(self):  # CC-3
        message = self._say("It leeks")
        self.assertEqual(self.case.customer_words, "It leeks")
        self._edit(message, "It leaks")
        self.assertEqual(self.case.customer_words, "It leaks")
        self.env.flush_all()
        self.assertEqual(self.cases.search([("customer_words", "=", "It leaks")]), self.case)

    def test_a_word_taken_back_is_told_no_more(self):  # CC-3
        """Emptied by its author or deleted by us: the word before it is the last."""
        first, second = self._say("It leaks"), self._say("My password is beans")
        third = self._say("Hello?")
        third.unlink()
        self.assertEqual(self.case.customer_words, "My password is beans")
        self._edit(second, "")
        self.assertEqual(self.case.customer_words, "It leaks")
        first.unlink()
        self.env.invalidate_all()
        self.assertEqual(self.case.customer_words, "Noted by telephone")

    def test_our_words_are_none_of_his(self):  # CC-3
        self._say("It leaks")
        ours = self.case.with_user(self.agent).message_post(
            body="Where?", message_type="comment", subtype_xmlid="mail.mt_comment")
        self._edit(ours, "Where does it leak?")
        self.assertEqual((self.case.customer_words, self.case.last_word), ("It leaks", "out"))


@tagged("post_install", "-at_install")
class TestWordsByRpc(CaseCommon, HttpCase):
    """What a customer reaches past his page ends as a word of his, or nowhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal_user = cls._create_portal_user("word_writer")
        cls.case = cls._open_case(channel="email").sudo()
        cls.case._portal_ensure_token()
        cls.comment = cls.env.ref("mail.mt_comment")
        cls.note = cls.env.ref("mail.mt_note")

    def setUp(self):
        super().setUp()
        case_upload.UPLOADS.forget()

    def _customer(self, model="care.case"):
        return self.env(user=self.portal_user, su=False)[model]

    def _post(self, **values):
        before = self.case.message_ids
        call_kw(self._customer(), "message_post", [self.case.ids], values)
        self.env.invalidate_all()
        return self.case.message_ids - before

    def test_a_note_by_rpc_is_a_comment(self):  # CC-20
        for values in ({}, {"subtype_xmlid": "mail.mt_note"}, {"subtype_id": self.note.id},
                       {"message_type": "notification", "is_internal": True},
                       {"message_type": "email", "author_id": self.agent.partner_id.id,
                        "email_from": "boss@example.com",
                        "partner_ids": self.agent.partner_id.ids}):
            contacts = len(self.case.contact_ids)
            said = self._post(body="Between us <b>two</b>", **values)
            self.assertEqual(
                (said.subtype_id, said.message_type, said.is_internal, said.author_id),
                (self.comment, "comment", False, self.writer), values)
            self.assertFalse(said.partner_ids)
            self.assertIn("&lt;b&gt;", said.body)
            self.assertEqual(len(self.case.contact_ids), contacts + 1, "we are told of it")

    def test_files_of_others_are_not_posted(self):  # CC-20
        ours = self.env["ir.attachment"].sudo().create({
            "name": "costs.txt", "raw": b"our costs", "res_model": "care.case",
            "res_id": self.case.id})
        said = self._post(body="Look", attachment_ids=ours.ids, attachments=[["a.txt", "x"]])
        self.assertFalse(said.attachment_ids)

    def test_no_message_is_made_or_changed_past_the_case(self):  # CC-20
        said = self._post(body="It leaks")
        messages = self._customer("mail.message")
        values = {"model": "care.case", "res_id": self.case.id, "body": "x",
                  "subtype_id": self.note.id}
        for method, args, context in (
                ("create", [values], {}),
                ("create", [values | {"message_type": "comment", "subtype_id": self.comment.id}],
                 {}),
                ("create", [{"body": "x"}],
                 {"default_model": "care.case", "default_res_id": self.case.id}),
                ("write", [said.ids, {"subtype_id": self.note.id}], {}),
                ("write", [said.ids, {"is_internal": True}], {}),
                ("write", [said.ids, {"body": "Never said"}], {})):
            with self.assertRaises(AccessError, msg=(method, args)), self.env.cr.savepoint():
                call_kw(messages, method, args, {"context": context})
        for method in ("message_notify", "message_mail_with_source", "message_post_with_source"):
            with self.assertRaises(AccessError, msg=method):
                call_kw(self._customer(), method, [self.case.ids], (
                    {"partner_ids": self.agent.partner_id.ids} if method == "message_notify"
                    else {"source_ref": "mail.message_user_assigned"}))

    def _say(self, **values):
        self.env.flush_all()
        answer = self.url_open("/mail/message/post", json={"params": {
            "thread_model": "care.case", "thread_id": self.case.id,
            "token": self.case.access_token,
            "post_data": {"body": "Between us", **values}}}).json()
        self.env.invalidate_all()
        return answer

    def test_a_note_by_cores_address_is_a_comment(self):  # CC-20
        for login in (None, "word_writer"):
            self.authenticate(login, login)
            for values in ({}, {"subtype_xmlid": "mail.mt_note"}, {"rating_value": 5}):
                self.assertNotIn("error", self._say(**values))
                said = self.case.message_ids[0]
                self.assertEqual((said.subtype_id, said.author_id), (self.comment, self.writer))
        self.assertFalse(self.case.rating_ids, "an open case is not rated")

    def test_a_customer_changes_his_own_word_on_his_page(self):  # CC-20, CC-3
        self.authenticate("word_writer", "word_writer")
        self._say()
        said = self.case.message_ids[0]
        answer = self.url_open("/mail/message/update_content", json={"params": {
            "message_id": said.id, "token": self.case.access_token,
            "update_data": {"body": "For all", "subtype_xmlid": "mail.mt_note"}}}).json()
        self.env.invalidate_all()
        self.assertNotIn("error", answer)
        self.assertEqual((said.subtype_id, self.case.customer_words), (self.comment, "For all"))

    # ---- files ----------------------------------------------------------------------------------

    def _upload(self, name, data, pending="true"):
        self.env.flush_all()
        return self.url_open("/mail/attachment/upload", data={
            "thread_id": self.case.id, "thread_model": "care.case", "is_pending": pending,
            "token": self.case.access_token, "csrf_token": Request.csrf_token(self),
        }, files={"ufile": (name, data)})

    def test_a_file_is_refused_before_it_is_kept(self):  # CC-20
        self.authenticate(None, None)
        files = self.env["ir.attachment"].sudo()
        before = files.search_count([])
        for name, data in (("page.html", b"<script>alert(1)</script>"), ("run.exe", b"MZ\x90\x00"),
                           ("fake.png", b"<html><script>alert(1)</script></html>"),
                           ("large.txt", b"beans " * 900_000)):
            answer = self._upload(name, data).json()
            self.assertIn("error", answer, name)
            self.assertNotIn("data", answer)
        self.assertEqual(files.search_count([]), before)
        self.assertIn("data", self._upload("wet.png", PNG).json())

    def test_what_is_never_sent_is_forgotten(self):  # CC-20
        """Core deletes what belongs to no message after a day; nothing hangs on the case itself."""
        self.authenticate("word_writer", "word_writer")
        file = self.env["ir.attachment"].sudo().browse(
            self._upload("wet.png", PNG, pending="false").json()["data"]["attachment_id"])
        self.assertEqual((file.res_model, file.res_id), ("mail.compose.message", 0))
        old = fields.Datetime.now() - timedelta(days=2)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_attachment SET create_date = %s, write_date = %s WHERE id = %s",
            [old, old, file.id])
        self.env.invalidate_all()
        self.env["mail.compose.message"].sudo()._gc_lost_attachments()
        self.assertFalse(file.exists())

    def test_uploads_of_a_network_have_a_limit(self):  # CC-20
        self.authenticate(None, None)
        network = network_of("127.0.0.1")
        for _number in range(case_upload.UPLOADS.limit):
            case_upload.UPLOADS.admits(network, time.monotonic())
        self.assertEqual(self._upload("wet.png", PNG).status_code, 429)

"""A chat becomes a case of the customer in it (CC-3)."""
from markupsafe import Markup
from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseChat(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chat = cls.env["discuss.channel"].sudo().create({
            "name": "Writer and agent", "channel_type": "group", "channel_member_ids": [
                Command.create({"partner_id": cls.writer.id}),
                Command.create({"partner_id": cls.agent.partner_id.id})]})
        for author, words in (
                (cls.writer, "My <b>grinder</b> stopped"), (cls.agent.partner_id, "Since when?"),
                (cls.writer, "Today")):
            cls.chat.message_post(
                body=Markup(words), message_type="comment", author_id=author.id,
                subtype_xmlid="mail.mt_comment")

    def _command(self, body, user=None):
        before = self.cases.search([], order="id desc", limit=1)
        self.chat.with_user(user or self.agent).sudo(False).execute_command_case(body=body)
        return self.cases.search([("id", ">", before.id or 0)])

    def test_a_chat_becomes_a_case_with_what_was_said(self):  # CC-3
        case = self._command("/case The grinder stopped")
        self.assertEqual(case.name, "The grinder stopped")
        self.assertEqual((case.partner_id, case.user_id, case.channel),
                         (self.writer, self.agent, "chat"))
        self.assertEqual(
            case.description.striptags(), "Writer: My grinder stoppedcase_agent: Since when?"
            "Writer: Today")
        self.assertEqual(case.contact_ids.mapped("channel"), ["chat"])

    def test_without_words_nothing_is_opened(self):  # CC-3
        self.assertFalse(self._command("/case "))

    def test_a_visitor_without_a_name_stays_a_stranger(self):  # CC-3
        guest = self.env["mail.guest"].sudo().create({"name": "Visitor 7"})
        self.chat.channel_member_ids.filtered(
            lambda member: member.partner_id == self.writer).unlink()
        self.chat.write({"channel_member_ids": [Command.create({"guest_id": guest.id})]})
        case = self._command("/case Price?")
        self.assertEqual((case.partner_id.id, case.partner_name), (False, "Visitor 7"))

    def test_only_agents_in_the_chat(self):  # CC-3
        reader = self._create_user("chat_reader", "base.group_user")
        self.chat.write({"channel_member_ids": [Command.create(
            {"partner_id": reader.partner_id.id})]})
        with self.assertRaises(AccessError):
            self._command("/case x", reader)
        outsider = self._create_user("outsider", "customer_care.group_customer_care_user")
        with self.assertRaises(AccessError):
            self._command("/case x", outsider)

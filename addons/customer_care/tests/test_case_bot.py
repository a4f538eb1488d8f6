"""A chatbot of a live chat opens a case (CC-3); told where Live Chat is installed."""
from odoo import Command
from odoo.addons.customer_care.models import discuss_channel_bot
from odoo.tests import HttpCase, tagged

from .common_case import CaseCommon


@tagged("post_install", "-at_install")
class TestCaseBot(CaseCommon, HttpCase):
    needs_module = "im_livechat"

    def setUp(self):
        super().setUp()
        self.script = self.env["chatbot.script"].sudo().create({
            "title": "Beany", "script_step_ids": [Command.create(step) for step in (
                {"step_type": "free_input_single", "message": "What is it about?"},
                {"step_type": "question_email", "message": "And your address?"},
                {"step_type": "text", "message": "/case Thank you, we look into it."},
                {"step_type": "text", "message": "Good bye"})]})
        self.livechat = self.env["im_livechat.channel"].sudo().create({
            "name": "Beans", "rule_ids": [Command.create({
                "regex_url": "/", "chatbot_script_id": self.script.id})]})
        self.authenticate(None, None)
        self.env.flush_all()

    def _post(self, path, **params):
        self.env.flush_all()
        answer = self.url_open(path, json={"params": params}).json()
        self.env.invalidate_all()
        self.assertNotIn("error", answer)
        return answer.get("result")

    def _start(self):
        data = self._post(
            "/im_livechat/get_session", channel_id=self.livechat.id, previous_operator_id=None,
            chatbot_script_id=self.script.id, persisted=True)
        return self.env["discuss.channel"].sudo().browse(data["channel_id"])

    def _say(self, chat, words):
        self._post("/mail/message/post", thread_model="discuss.channel", thread_id=chat.id,
                   post_data={"body": words, "message_type": "comment",
                              "subtype_xmlid": "mail.mt_comment"})
        self._post("/chatbot/step/trigger", channel_id=chat.id)

    def _next(self, chat):
        self._post("/chatbot/step/trigger", channel_id=chat.id)

    def _of(self, chat):
        return self.cases.search([("chat_id", "=", chat.id)])

    def _last(self, chat):
        return chat.message_ids.sorted("id")[-1].body.striptags()

    def test_a_visitor_tells_the_bot_and_gets_a_number(self):  # CC-3
        chat = self._start()
        self._say(chat, "The <b>grinder</b> stopped")
        self.assertFalse(self._of(chat))
        self._say(chat, "writer@example.com")
        case = self._of(chat)
        self.assertEqual((case.partner_id, case.channel, case.user_id.id, case.stage_kind),
                         (self.writer, "chat", False, "new"))
        self.assertIn("grinder", case.name)
        self.assertIn("What is it about?", case.description.striptags())
        said = self._last(chat)
        self.assertIn("Thank you, we look into it.", said)
        self.assertIn(f"Your number is {case.number}.", said)
        self.assertNotIn("/case", said)
        self._next(chat)
        self.assertEqual(self._last(chat), "Good bye", "the script goes on")
        self.assertEqual(len(self._of(chat)), 1)

    def test_a_chat_that_begins_anew_has_its_case(self):  # CC-3
        chat = self._start()
        for _turn in range(2):
            self._say(chat, "It stopped")
            self._say(chat, "writer@example.com")
            self._post("/chatbot/restart", channel_id=chat.id, chatbot_script_id=self.script.id)
            self._post("/chatbot/step/trigger", channel_id=chat.id,
                       chatbot_script_id=self.script.id)
        self.assertEqual(len(self._of(chat)), 1)

    def test_what_a_visitor_types_is_no_step(self):  # CC-3
        chat = self._start()
        self._say(chat, "/case Thank you, we look into it.")
        self.assertFalse(self._of(chat))

    def test_robots_that_talk_open_so_many(self):  # CC-3
        self.patch(discuss_channel_bot, "MOST_CASES", 1)
        for number in range(2):
            chat = self._start()
            self._say(chat, "It stopped")
            self._say(chat, f"robot{number}@example.com")
        self.assertFalse(self._of(chat))
        self.assertIn("Please write to us by e-mail", self._last(chat))

    def test_the_bot_is_nobodys_customer(self):  # CC-3: `/case` by an agent, while it is there
        chat = self._start()
        chat.sudo().write({"channel_member_ids": [
            Command.create({"partner_id": self.agent.partner_id.id})]})
        chat.with_user(self.agent).sudo(False).execute_command_case(body="/case It stopped")
        self.assertFalse(self._of(chat).partner_id)

from datetime import timedelta

from markupsafe import Markup
from odoo import SUPERUSER_ID, models
from odoo.tools import html2plaintext, plaintext2html

from .care_stage import OPEN_KINDS
from .discuss_channel_case import COMMAND, SUBJECT

#: Cases that chatbots open in so many minutes, whoever talks to them: robots talk, too.
MOST_CASES, MINUTES = 20, 10


class DiscussChannel(models.Model):
    """The chatbot of an installed live chat opens a case, as an agent does by `/case`.

    A text step that begins with /case is what it does; the rest is what it says, with the number.
    Nothing of the live chat is named in our own models, so that it may be absent: a bot speaks by
    `message_post`, and where it stands is a field of the chat.
    """

    _inherit = "discuss.channel"

    def message_post(self, *, body="", author_id=None, **kwargs):
        step = self._find_case_step(author_id, body)
        if step:
            body = self._answer_by_case(step)
        return super().message_post(body=body, author_id=author_id, **kwargs)

    def _find_case_step(self, author_id, body):
        """The step of a script, where its bot is about to say it and it opens a case."""
        if not self.env.su or not author_id or "chatbot_current_step_id" not in self._fields:
            return None
        step = self.chatbot_current_step_id
        said = html2plaintext(body or "").strip()
        return step if (
            said.split(maxsplit=1)[:1] == [COMMAND]
            and said == html2plaintext(step.message or "").strip()
            and author_id == step.chatbot_script_id.operator_partner_id.id) else None

    def _answer_by_case(self, step):
        """What the bot says instead: its own words, and the number of the case."""
        words = html2plaintext(step.message).strip().removeprefix(COMMAND).strip()
        case = self._open_case_by_bot(step)
        number = self.env._("Your number is %s.", case.number) if case else self.env._(
            "Please write to us by e-mail: no case could be opened here.")
        return Markup("<br/>").join(filter(None, (plaintext2html(words, with_paragraph=False),
                                                  number)))

    def _open_case_by_bot(self, step):
        """The case of this chat; the one that is open already goes on, and too many are refused."""
        cases = self.env["care.case"].with_user(SUPERUSER_ID)  # as the mail gateway does
        before = cases.search([
            ("chat_id", "=", self.id), ("stage_kind", "in", OPEN_KINDS)], limit=1)
        since = self.env.cr.now() - timedelta(minutes=MINUTES)
        lately = [("chat_id", "!=", False), ("create_uid", "=", SUPERUSER_ID),
                  ("create_date", ">", since)]
        if before or cases.search_count(lately, limit=MOST_CASES) == MOST_CASES:
            return before
        return cases.create(self._prepare_bot_case_vals(step))

    def _prepare_bot_case_vals(self, step):
        """What the visitor wrote and left: his first free words are the subject."""
        first = step._find_first_user_free_input(self).body
        vals = self._prepare_case_vals(
            " ".join(html2plaintext(first or "").split()) or step.chatbot_script_id.title)
        told = self._chatbot_find_customer_values_in_messages({
            "question_email": "email", "question_phone": "phone"})
        if not vals["partner_id"] and told.get("email"):
            company = self.env.company
            vals["partner_id"] = self.env["care.case"].with_user(SUPERUSER_ID)._find_contact(
                told["email"], company).id
        return vals | {"user_id": False, "phone": (told.get("phone") or "")[:SUBJECT] or False}

    def _is_bot(self, partner):
        """Whether a member of the chat is its bot, which is nobody's customer."""
        return "chatbot_current_step_id" in self._fields and partner == (
            # Scripts are for those who write them.
            self.sudo().chatbot_current_step_id.chatbot_script_id.operator_partner_id)

from markupsafe import Markup
from odoo import api, models
from odoo.exceptions import UserError

from .care_stage import OPEN_KINDS

#: Words of people; what the system notes of a case stays with the case.
SPOKEN_TYPES = ("email", "comment", "email_outgoing", "auto_comment")


class CareCase(models.Model):
    """Two cases about one matter become one; one case about two matters becomes two."""

    _inherit = "care.case"

    # ---- actions --------------------------------------------------------------------------------

    def action_merge(self):
        """Choose the case that goes on with the words of the others."""
        return self._open_wizard("care.case.merge", self.env._("Merge cases"), mode="merge")

    def action_mark_duplicate(self):
        """Choose the case that this one repeats; each keeps its own words."""
        return self._open_wizard(
            "care.case.merge", self.env._("Mark as duplicate"), mode="duplicate")

    def action_split(self):
        """Choose the messages that are another matter."""
        self.ensure_one()
        return self._open_wizard(
            "care.case.split", self.env._("Split the case"), case_id=self.id)

    def _open_wizard(self, model, name, **defaults):
        self.check_access("write")
        values = {f"default_{key}": value for key, value in defaults.items()}
        if model == "care.case.merge":
            values["default_case_ids"] = self.ids
        return {
            "type": "ir.actions.act_window", "name": name, "res_model": model, "target": "new",
            "views": [(False, "form")], "context": values}

    # ---- merge ----------------------------------------------------------------------------------

    @api.model
    def _merge_links(self) -> list[tuple[str, str]]:
        """Registry: (model, field) of what goes over to the case that stays."""
        return [
            ("care.case.contact", "case_id"), ("care.case", "previous_id"),
            ("care.case", "parent_id"), ("care.case", "duplicate_of_id"),
            ("care.feedback", "case_id"), ("care.survey.invitation", "case_id")]

    def _merge_into(self, survivor):
        """All that was said in these cases goes over; they are closed and point to the survivor."""
        self._check_merge(survivor)
        someone_waits = any(case.stage_kind in OPEN_KINDS for case in self)
        survivor._take_over_values(self)
        self._move_words(self._query_words(), survivor)
        for model, field in self._merge_links():
            rows = self.env[model].sudo().with_context(active_test=False).search(  # of all users
                [(field, "in", self.ids)])
            (rows - survivor if model == self._name else rows)[field] = survivor
        for case in self:
            case._note({"parent_id": survivor.id})
            case._close("merged")
            case._message_log(body=self._link_note(self.env._("Merged into %s."), survivor))
        survivor._message_log(body=self._link_note(self.env._("Took over %s."), self))
        if someone_waits and survivor.stage_kind not in OPEN_KINDS:
            survivor._move_to("open")
        survivor._refresh_fcr()

    def _check_merge(self, survivor):
        cases = self | survivor
        cases.check_access("write")
        if survivor in self or not self:
            raise UserError(self.env._("Choose another case that goes on."))
        if len(cases.company_id) > 1:
            raise UserError(self.env._("Cases of different companies cannot become one."))
        merged = cases.filtered("parent_id")
        if merged:
            raise UserError(self.env._(
                "%(case)s is merged into %(into)s already.",
                case=merged[0].display_name, into=merged[0].parent_id.display_name))

    def _take_over_values(self, others):
        """The earliest opening and reply, the highest severity, and what was left empty."""
        everyone = self | others
        replies = [case.first_response_at for case in everyone if case.first_response_at]
        words = [case.last_inbound_at for case in everyone if case.last_inbound_at]
        addresses = [cc for case in everyone for cc in (case.email_cc or "").split(", ") if cc]
        vals = {
            "opened_at": min(everyone.mapped("opened_at")),
            "first_response_at": min(replies, default=False),
            "last_inbound_at": max(words, default=False),
            "severity": max(everyone.mapped("severity")),
            "email_cc": ", ".join(dict.fromkeys(addresses)) or False,
        }
        for name in ("category_id", "product_id", "lot_name", "order_id", "order_line_id",
                     "user_id", "partner_id"):
            if not self[name]:
                vals[name] = next((case[name] for case in others if case[name]), False)
        self._note({name: value for name, value in vals.items() if self[name] != value})

    def _move_words(self, messages, target):
        """Messages, files, followers, activities and ratings of these cases become the target's."""
        here = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        # Whoever may write the cases moves all that was said in them.
        messages.sudo().write({"res_id": target.id})
        for model in ("ir.attachment", "mail.activity", "rating.rating"):
            self.env[model].sudo().search(here).write({"res_id": target.id})  # also other people's
        target.message_subscribe(partner_ids=self.message_partner_ids.ids)
        (self | target).invalidate_recordset(["message_ids", "activity_ids"])

    def _query_words(self):
        """What people said in these cases, also what the reader was not addressed in."""
        return self.env["mail.message"].sudo().search([  # a case goes over as a whole
            ("model", "=", self._name), ("res_id", "in", self.ids),
            ("message_type", "in", SPOKEN_TYPES)])

    def _link_note(self, text, cases):
        links = Markup(", ").join(case._get_html_link() for case in cases)
        return Markup("%s") % text % links if "%s" in text else text

    # ---- duplicate ------------------------------------------------------------------------------

    def _mark_duplicate_of(self, original):
        """Closed and counted nowhere; its words stay where they are."""
        self._check_merge(original)
        for case in self:
            case.duplicate_of_id = original
            case._close("duplicate")
            case._message_log(body=self._link_note(self.env._("Duplicate of %s."), original))
        original._message_log(body=self._link_note(self.env._("Has a duplicate: %s."), self))

    def _on_reopened(self, now):
        """What is open again is no duplicate; what was merged goes on in the other case."""
        if self.parent_id:
            raise UserError(self.env._(
                "This case is merged into %s: go on there.", self.parent_id.display_name))
        self.duplicate_of_id = False
        super()._on_reopened(now)

    # ---- split ----------------------------------------------------------------------------------

    def _split(self, messages, values):
        """A new case with these messages; it begins with the first of them."""
        self.ensure_one()
        self.check_access("write")
        contacts = self.contact_ids.filtered(lambda c: c.message_id in messages)
        inbound = self.contact_ids.filtered(lambda c: c.direction == "in")
        if not messages or messages - self._query_words():
            raise UserError(self.env._("Choose messages of this case."))
        if inbound and not inbound - contacts:
            raise UserError(self.env._(
                "One word of the customer stays here: what would this case be about?"))
        case = self.with_context(care_by_mail=True).create(
            self._prepare_split_vals(messages, contacts) | values).with_context(care_by_mail=False)
        self._carry(messages, case)
        contacts.sudo().case_id = case  # contacts are written by code only
        (self | case)._restamp()
        self._message_log(body=self._link_note(self.env._("Split off: %s."), case))
        case._message_log(body=self._link_note(self.env._("Split from %s."), self))
        return case

    def _prepare_split_vals(self, messages, contacts):
        first = contacts.filtered(lambda c: c.direction == "in").sorted("at, id")[:1]
        message = first.message_id or messages.sorted("date, id")[:1]
        return {
            "name": message.subject or self.name,
            "description": message.body,
            "partner_id": (first.partner_id or self.partner_id).id,
            "channel": first.channel or self.channel,
            "is_proactive": not first,
            "opened_at": min([*contacts.mapped("at"), message.date]),
            "team_id": self.team_id.id, "company_id": self.company_id.id,
            "user_id": self.user_id.id, "order_id": self.order_id.id,
        }

    def _restamp(self):
        """First reply and the customer's last word, from the contacts that are there now."""
        for case in self:
            contacts = case.contact_ids.filtered(lambda c: not c.is_noise)
            replies = contacts.filtered(lambda c: c.direction == "out").mapped("at")
            words = (contacts.filtered(lambda c: c.direction == "in")).mapped("at")
            case._note({"last_inbound_at": max(words, default=False)})
            if not case._is_spoken():
                case._note({"first_response_at": min(replies, default=False)})
        self._refresh_fcr()

from odoo import api, fields, models
from odoo.tools import format_amount

from .moments import tell_day, tell_moment

CONTACTS = 5
NOTES = 3
PANEL_PARTS = ("health", "guide")  # sections of the panel that the brief repeats, when they exist


class CrmLead(models.Model):
    """The brief for a new owner: how a deal stands, from what is recorded, in his language."""

    _inherit = "crm.lead"

    # ---- actions ------------------------------------------------------------------------------

    def action_open_brief(self):
        """Open the brief that I am asked to read, else the page of the deal."""
        self.ensure_one()
        brief = self.env["sales.brief"].search(
            [("lead_id", "=", self.id), ("user_id", "=", self.env.uid),
             ("state", "=", "waiting")], limit=1)
        if brief:
            return brief.action_open()
        return self.env.ref("sales_automation.report_brief_html").report_action(self)

    def action_acknowledge_brief(self):
        self.ensure_one()
        return self.env["sales.brief"].search(
            [("lead_id", "=", self.id), ("user_id", "=", self.env.uid),
             ("state", "=", "waiting")]).action_acknowledge()

    def action_print_brief(self):
        """Print one page per deal; of several deals with a cover page that lists them."""
        self.check_access("read")
        return self.env.ref("sales_automation.report_brief_pdf").report_action(self)

    # ---- content ------------------------------------------------------------------------------

    @api.model
    def _render_brief(self):
        return self.env["ir.qweb"]._render(
            "sales_automation.brief_body", {"brief": self._get_brief(fields.Datetime.now())})

    def _get_brief(self, now):
        """Return {"title", "customer", "facts": [(label, value)], "sections": [...]} of a deal.

        A section is {"title", "lines": [{"text", "detail", "tone"}], "empty"}. Whoever may read
        the deal may read its brief: messages, quotations and activities of the deal are read for
        him, also where they belong to the colleague who held it.
        """
        self.ensure_one()
        self.check_access("read")
        _ = self.env._
        parts = [
            (_("People"), self._brief_people(now), _("Nobody of the customer is known yet.")),
            (_("Last contacts"), self._brief_contacts(now), _("No contact is recorded.")),
            (_("Promised and planned"), self._brief_promises(now),
             _("Nothing is planned: decide on the next step today.")),
            (_("Quotations and deliveries"), self._brief_quotes(), _("No quotation yet.")),
            *self._brief_panel_parts(now),
            (_("The customer in the house"),
             self._get_account_lines(now) if self.partner_id else [], False),
            (_("Last notes"), self._brief_notes(), False),
            (_("Way through the stages"), self._brief_stages(), False),
            (_("Who held the deal"), self._brief_owners(), False),
        ]
        return {
            "title": self.name, "customer": self.partner_id.display_name or "",
            "facts": self._brief_facts(),
            "sections": [
                {"title": title, "lines": lines, "empty": empty}
                for title, lines, empty in parts if lines or empty],
        }

    def _brief_facts(self):
        _ = self.env._
        facts = [
            (_("Stage"), self.stage_id.name),
            (_("Expected revenue"), format_amount(
                self.env, self.expected_revenue, self.company_currency)),
            (_("Expected closing"), self.date_deadline and tell_day(
                self.env, self.date_deadline)),
            (_("Salesperson"), self.user_id.name), (_("Team"), self.team_id.name),
            (_("Phone"), self.phone), (_("Mail"), self.email_from),
        ]
        return [(label, value) for label, value in facts if value]

    def _brief_people(self, now):
        rows = self._read_account_contacts(now)
        lines = []
        for person in self._get_deal_people(rows):
            line = self._prepare_person_line(person, rows, now)
            contact = self.deal_contact_ids.filtered(lambda row, p=person: row.partner_id == p)
            details = (person.function, person.phone, person.email, line["detail"],
                       contact[:1].note)
            lines.append({
                "text": line["text"], "detail": " · ".join(filter(None, details)),
                "tone": line["tone"]})
        return lines + [
            {"text": text, "tone": "warning"} for text in self._tell_others(rows, now)]

    def _brief_contacts(self, now):
        """Mails, done calls and past meetings of the deal and its quotations, newest first."""
        orders = self.env["sale.order"].sudo().search(  # quotations belong to the deal
            [("opportunity_id", "=", self.id)])
        kinds = [self.env.ref(xmlid).id for xmlid in ("mail.mt_comment", "mail.mt_activities")]
        messages = self.env["mail.message"].sudo().search([  # whoever reads the deal reads them
            "|", "&", ("model", "=", "crm.lead"), ("res_id", "=", self.id),
            "&", ("model", "=", "sale.order"), ("res_id", "in", orders.ids),
            ("subtype_id", "in", kinds)], order="date desc, id desc", limit=CONTACTS)
        meetings = self.env["calendar.event"].sudo().search([  # the name only
            ("opportunity_id", "=", self.id), ("start", "<=", now),
            ("privacy", "!=", "private")], order="start desc, id desc", limit=CONTACTS)
        told = [(message.date, message.author_id.name or message.email_from or "",
                 message.preview or message.subject or "") for message in messages]
        told += [(meeting.start, self.env._("Meeting"), meeting.name) for meeting in meetings]
        told.sort(key=lambda row: row[0], reverse=True)
        return [{
            "text": f"{tell_day(self.env, date)} · {who}", "detail": sentence,
        } for date, who, sentence in told[:CONTACTS]]

    def _brief_promises(self, now):
        _ = self.env._
        lines, today = [], self._get_facts_day(now)
        for activity in self.activity_ids.sudo().sorted("date_deadline"):  # of any colleague
            late = activity.date_deadline < today
            label = activity.summary or activity.activity_type_id.name
            lines.append({
                "text": f"{tell_day(self.env, activity.date_deadline)} · {label}",
                "detail": " · ".join(filter(None, (
                    activity.user_id.name, late and _("overdue")))),
                "tone": "danger" if late else ""})
        meetings = self.env["calendar.event"].sudo().search([  # the name only
            ("opportunity_id", "=", self.id), ("start", ">", now),
            ("privacy", "!=", "private")], order="start, id")
        lines += [{
            "text": f"{tell_moment(self.env, meeting.start)} · "
                    f"{_('Meeting')}: {meeting.name}",
            "detail": ", ".join(meeting.partner_ids.mapped("name"))} for meeting in meetings]
        return lines

    def _brief_quotes(self):
        orders = self.env["sale.order"].sudo().search(  # quotations belong to the deal
            [("opportunity_id", "=", self.id), ("state", "!=", "cancel")], order="id desc")
        return [{
            "text": line["text"], "detail": line["detail"], "tone": line["tone"],
        } for line in map(self._prepare_quote_line, orders)]

    def _brief_panel_parts(self, now):
        """Health and playbook, as the panel shows them."""
        known = self._deal_panel_sections()
        for key in PANEL_PARTS:
            section = key in known and getattr(self, f"_deal_panel_{key}")(now)
            if section and section.get("lines"):
                yield known[key]["title"], section["lines"], False

    def _brief_notes(self):
        """What inside sales wrote in the hand-off, and the last internal notes."""
        _ = self.env._
        labels = {"need": _("Need"), "authority": _("Who decides"), "budget": _("Budget"),
                  "timing": _("Timing")}
        handoff = self.handoff_ids.filtered("has_brief")[:1]
        lines = [{"text": label, "detail": handoff[name]}
                 for name, label in labels.items() if handoff[name]]
        notes = self.env["mail.message"].sudo().search([  # whoever reads the deal reads them
            ("model", "=", "crm.lead"), ("res_id", "=", self.id),
            ("message_type", "=", "comment"),
            ("subtype_id", "=", self.env.ref("mail.mt_note").id)],
            order="date desc, id desc", limit=NOTES)
        return lines + [{
            "text": f"{tell_day(self.env, note.date)} · {note.author_id.name}",
            "detail": note.preview} for note in notes if note.preview]

    def _brief_stages(self):
        stays = self.stage_history_ids.sorted(lambda stay: (stay.entered_at, stay.id))
        return [{
            "text": stay.stage_id.name, "detail": " · ".join(filter(None, (
                tell_day(self.env, stay.entered_at), stay.duration))),
        } for stay in stays]

    def _brief_owners(self):
        """Changes of the salesperson, from what core logs in the chatter."""
        field = self.env["ir.model.fields"]._get("crm.lead", "user_id")
        # Core keeps tracking values from users; the names are in the chatter anyway.
        changes = self.env["mail.tracking.value"].sudo().search([
            ("field_id", "=", field.id), ("mail_message_id.model", "=", "crm.lead"),
            ("mail_message_id.res_id", "=", self.id)], order="id")
        nobody = self.env._("nobody")
        return [{
            "text": f"{tell_day(self.env, change.mail_message_id.date)} · "
                    f"{change.old_value_char or nobody} → {change.new_value_char or nobody}",
            "detail": "",
        } for change in changes]

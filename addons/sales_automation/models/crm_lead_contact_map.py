from odoo import api, fields, models
from odoo.tools import SQL

from .moments import tell_ago

SHOWN = 8
STANCE_TONES = {"for": "success", "against": "danger", "neutral": "info"}


class CrmLead(models.Model):
    """The people of the customer in a deal, and who of us is in touch with whom."""

    _inherit = "crm.lead"

    deal_contact_ids = fields.One2many(
        "sales.deal.contact", "lead_id", string="People in the Deal", copy=True,
        groups="base.group_user")

    # ---- actions ------------------------------------------------------------------------------

    def action_open_contact_map(self):
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "sales_automation.sales_contact_map_action")
        return {**action, "params": {"lead_id": self.id},
                "context": {"active_id": self.id, "active_model": "crm.lead"}}

    def action_add_deal_contact(self, partner_id=False):
        """Open the small form of a person in this deal: the known one, or a new one."""
        self.ensure_one()
        known = self.deal_contact_ids.filtered(lambda row: row.partner_id.id == partner_id)
        return {
            "type": "ir.actions.act_window", "res_model": "sales.deal.contact",
            "res_id": known[:1].id, "views": [(False, "form")], "target": "new",
            "name": self.env._("Person in the Deal"),
            "context": {"default_lead_id": self.id, "default_partner_id": partner_id},
        }

    def action_open_contact_words(self, partner_id, user_id):
        """Open the messages between one of them and one of us, else their meetings.

        Core shows each reader only the messages of documents that he may read.
        """
        self.ensure_one()
        self.check_access("read")
        partner = self.env["res.partner"].browse(partner_id)
        ours = self.env["res.users"].browse(user_id).sudo().partner_id  # any colleague has one
        name = self.env._("%(colleague)s and %(person)s",
                          colleague=ours.name, person=partner.display_name)
        written = [
            ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
            "|", ("author_id", "=", partner.id), "&", ("author_id", "=", ours.id),
            "|", ("partner_ids", "in", partner.ids), ("notified_partner_ids", "in", partner.ids)]
        if self.env["mail.message"].search_count(written, limit=1):
            view = self.env.ref("sales_automation.mail_message_view_list_contact")
            return {"type": "ir.actions.act_window", "res_model": "mail.message", "name": name,
                    "views": [(view.id, "list"), (False, "form")], "domain": written,
                    "context": {"create": False, "edit": False, "delete": False}}
        return {"type": "ir.actions.act_window", "res_model": "calendar.event", "name": name,
                "views": [(False, "list"), (False, "form")], "context": {"create": False},
                "domain": [("partner_ids", "in", partner.ids), ("partner_ids", "in", ours.ids)]}

    def get_contact_map(self):
        """Return all that the map shows: their people, ours, and how often they were in touch."""
        self.ensure_one()
        self.check_access("read")
        now = fields.Datetime.now()
        rows = self._read_account_contacts(now)
        people = self._get_deal_people(rows)
        contact_map = self.env["sales.contact.map"]
        # Names only: who has left, or works in another company, still knows the customer.
        users = self.env["res.users"].sudo().browse(
            dict.fromkeys(row["user_id"] for row in rows if row["user_id"]))
        departments = contact_map._get_departments(users)
        return {
            "lead": {"id": self.id, "name": self.name},
            "account": self.partner_id.commercial_partner_id.display_name or "",
            "people": [self._prepare_map_person(partner) for partner in people],
            "users": [{
                "id": user.id, "name": user.name, "department": departments[user.id],
                "gone": not user.active} for user in users],
            "cells": self._prepare_map_cells(rows, now),
            "others": self._tell_others(rows, now),
            "can_write": self.has_access("write"),
        }

    def _read_account_contacts(self, now):
        return self.env["sales.contact.map"]._read_contacts(
            self.partner_id.commercial_partner_id, self.company_id or self.env.companies, now)

    def _get_deal_people(self, rows):
        """Those with a role first, then the deal's contact, then whoever was in touch."""
        in_deal = self.deal_contact_ids.partner_id | self.partner_id
        touched = self.env["res.partner"].browse(dict.fromkeys(row["partner_id"] for row in rows))
        return (in_deal | touched)._filtered_access("read")

    def _prepare_person_line(self, person, rows, now):
        contact = self.deal_contact_ids.filtered(lambda row: row.partner_id == person)[:1]
        stance = contact and dict(
            contact._fields["stance"]._description_selection(self.env)).get(contact.stance)
        return {
            "text": " · ".join(filter(None, (person.name, contact.role_id.name, stance))),
            "detail": self._tell_last_contact(
                [row for row in rows if row["partner_id"] == person.id], now),
            "icon": "fa-user", "tone": STANCE_TONES.get(contact.stance, "muted"),
            "method": "action_add_deal_contact", "args": [person.id],
        }

    # ---- words --------------------------------------------------------------------------------

    @api.model
    def _tell_last_contact(self, rows, now):
        """Return "Ines called 3 days ago; 5 mails, 1 meeting", or that nobody was in touch."""
        _ = self.env._
        if not rows:
            return _("No contact recorded")
        counts = {}
        for row in rows:
            counts[row["kind"]] = counts.get(row["kind"], 0) + row["count"]
        last = max(rows, key=lambda row: row["last_at"])
        sums = self._tell_counts(counts)
        return _("%(last)s; %(counts)s", last=self._tell_contact(last, now),
                 counts=", ".join(sums))

    @api.model
    def _tell_contact(self, row, now):
        """Return one contact: who did what, when."""
        _ = self.env._
        user = self.env["res.users"].sudo().browse(row["user_id"])  # names of colleagues only
        words = {"colleague": user.name or _("somebody"), "when": tell_ago(
            self.env, row["last_at"], now)}
        if row["kind"] == "in":
            return _("wrote to us %s", words["when"])
        if row["kind"] == "out":
            return _("%(colleague)s wrote %(when)s", **words)
        if row["kind"] == "call":
            return _("%(colleague)s called %(when)s", **words)
        return _("%(colleague)s met %(when)s", **words)

    @api.model
    def _tell_counts(self, counts):
        _ = self.env._
        words = {
            "out": _("sent: %s", counts.get("out")), "in": _("received: %s", counts.get("in")),
            "meeting": _("meetings: %s", counts.get("meeting")),
            "call": _("calls: %s", counts.get("call"))}
        return [words[kind] for kind in words if counts.get(kind)]

    def _tell_others(self, rows, now):
        """Name the colleagues who are busy with the same account, never what they do there."""
        _ = self.env._
        if not self.partner_id:
            return []
        told = []
        for user, last_at, deals in self.env["sales.contact.map"]._find_others(self, rows, now):
            when = last_at and tell_ago(self.env, last_at, now)
            if deals and when:
                told.append(_(
                    "%(colleague)s works on an open deal with this customer, last contact "
                    "%(when)s", colleague=user.name, when=when))
            elif deals:
                told.append(_("%s works on an open deal with this customer", user.name))
            else:
                told.append(_("%(colleague)s was in touch with this customer %(when)s",
                              colleague=user.name, when=when))
        return told

    # ---- map ----------------------------------------------------------------------------------

    def _prepare_map_person(self, partner):
        contact = self.deal_contact_ids.filtered(lambda row: row.partner_id == partner)[:1]
        stances = dict(contact._fields["stance"]._description_selection(self.env))
        return {
            "id": partner.id, "name": partner.name or partner.display_name,
            "function": partner.function or "", "role": contact.role_id.name or "",
            "stance": contact.stance or "", "stance_label": stances.get(contact.stance, ""),
            "note": contact.note or "", "in_deal": bool(contact) or partner == self.partner_id,
        }

    @api.model
    def _prepare_map_cells(self, rows, now):
        cells = {}
        for row in rows:
            key = f"{row['partner_id']}-{row['user_id'] or 0}"
            cell = cells.setdefault(key, {"count": 0, "counts": {}, "last_at": row["last_at"]})
            cell["count"] += row["count"]
            cell["counts"][row["kind"]] = row["count"]
            cell["last_at"] = max(cell["last_at"], row["last_at"])
        for cell in cells.values():
            cell["text"] = ", ".join(self._tell_counts(cell.pop("counts")))
            cell["fresh"] = (now - cell["last_at"]).days <= 30
            cell["last"] = tell_ago(self.env, cell.pop("last_at"), now)
        return cells

    # ---- how many of them know us -------------------------------------------------------------

    def _count_contacts(self):
        """Return {lead id: people of the customer who have a part in the deal}.

        Whoever has a role, is the deal's contact, wrote to us about it, or was at its meetings.
        """
        self.env.flush_all()  # messages and meetings are read by the statement
        counts = dict(self.env.execute_query(self._query_count_contacts(self.ids)))
        return {lead_id: counts.get(lead_id, 0) for lead_id in self.ids}

    @api.model
    def _query_count_contacts(self, lead_ids):
        return SQL(
            """
            SELECT k.lead_id, COUNT(DISTINCT k.partner_id) FROM (%s) k GROUP BY k.lead_id
            """, self._query_deal_people(SQL("= ANY(%s)", list(lead_ids))))

    @api.model
    def _query_deal_people(self, match):
        """People of the customer with a part in the deals whose id fulfils the match.

        Messages by mail_message_model_res_id_idx, meetings by their index on the deal.
        """
        return SQL(
            """
            SELECT k.lead_id, k.partner_id
              FROM (
                    SELECT id AS lead_id, partner_id FROM crm_lead WHERE id %(match)s
                    UNION ALL
                    SELECT lead_id, partner_id FROM sales_deal_contact WHERE lead_id %(match)s
                    UNION ALL
                    SELECT res_id, author_id FROM mail_message
                     WHERE model = 'crm.lead' AND res_id %(match)s
                       AND message_type IN ('comment', 'email')
                    UNION ALL
                    SELECT e.opportunity_id, r.res_partner_id
                      FROM calendar_event e
                      JOIN calendar_event_res_partner_rel r ON r.calendar_event_id = e.id
                     WHERE e.opportunity_id %(match)s AND e.active) k
             WHERE k.partner_id IS NOT NULL AND NOT EXISTS (
                   SELECT FROM res_users u WHERE u.partner_id = k.partner_id AND NOT u.share)
            """, match=match)

    # ---- another salesperson at the same customer ---------------------------------------------

    @api.onchange("partner_id")
    def _onchange_partner_account(self):
        """Say at once, while a deal is entered, that a colleague is there already."""
        if self._origin or not self.partner_id:
            return None
        now = fields.Datetime.now()
        told = self._tell_others(self._read_account_contacts(now), now)
        return (told and {"warning": {
            "title": self.env._("A colleague knows this customer"),
            "message": "\n".join(told), "type": "notification"}}) or None

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        people = self.env["sales.deal.contact"].sudo().search(  # they go with the lead
            [("lead_id", "in", opportunities.ids)])
        known = self.deal_contact_ids.partner_id
        for row in people:
            if row.partner_id in known:
                continue
            row.lead_id = self
            known |= row.partner_id
        return result

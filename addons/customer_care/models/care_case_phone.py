import re

from odoo import api, fields, models
from odoo.addons.customer_care.engine import phone
from odoo.exceptions import UserError
from odoo.tools import email_normalize, plaintext2html

#: Callers shown for one search word.
FOUND = 6
#: Orders whose goods a caller may speak of.
LINES = 6
#: Letters of what was said that make the subject.
SUBJECT = 80
#: What the dialog may set; everything else is decided here.
GIVEN = ("kind", "category_id", "severity", "order_line_id", "team_id")


class CareCase(models.Model):
    """A call becomes a case while the customer is on the telephone."""

    _inherit = "care.case"

    @api.model
    def phone_start(self):
        """What the dialog offers before anybody is found."""
        self.check_access("create")
        return {
            "kinds": self._fields["kind"]._description_selection(self.env),
            "severities": self._fields["severity"]._description_selection(self.env),
            "categories": [
                [category.id, category.complete_name]
                for category in self.env["care.category"].search([])],
        }

    @api.model
    def phone_search(self, term):
        """Who calls: by number, address, name, order or case; the first is told in full.

        :return: {"callers": [{id, name, detail, open}], "known": what is known of the first}
        """
        self.check_access("create")
        partners = self._find_callers((term or "").strip())
        counts = self._count_open_and_all(
            "commercial_partner_id", partners.commercial_partner_id.ids)
        return {
            "callers": [{
                "id": partner.id, "name": partner.display_name,
                "detail": " · ".join(filter(None, [partner.phone, partner.email, partner.city])),
                "open": counts.get(partner.commercial_partner_id.id, (0, 0))[0],
            } for partner in partners],
            "known": self.phone_known(partners[0].id) if partners else False,
        }

    @api.model
    def phone_known(self, partner_id):
        """What the agent sees of a caller: his care record, his last goods, his open cases."""
        self.check_access("create")
        partner = self.env["res.partner"].browse(int(partner_id))
        partner.check_access("read")
        beside = self.env["care.beside"]
        customer, company = partner.commercial_partner_id, self.env.company
        return {
            "id": partner.id,
            "customer": beside._tell_customer(customer, company) or False,
            "lines": [
                {"id": row["use"]["order_line_id"][0], "title": row["title"],
                 "detail": row["detail"]}
                for row in beside._beside_bought(customer, company, self)],
            "cases": beside._beside_cases(customer, company, self),
        }

    @api.model
    def phone_create(self, vals):
        """The call as a case of the agent; resolved at once when that was said.

        :param vals: text, and partner_id or partner_name, phone, email; see GIVEN; resolved
        """
        self.check_access("create")
        text = (vals.get("text") or "").strip()
        if not text:
            raise UserError(self.env._("Write in a few words what the customer wants."))
        case = self.create({
            **{name: vals[name] for name in GIVEN if vals.get(name)},
            **self._prepare_caller(vals),
            "name": self._tell_subject(text), "channel": "phone",
            "description": plaintext2html(text) if self._tell_subject(text) != text else False,
        })
        case._fill_from_line()
        case.action_take()
        if vals.get("resolved"):
            case.action_resolve()
        return case._tell_call()

    def phone_join(self, vals):
        """The call is about this open case: it is written there and counts as a contact."""
        self.ensure_one()
        self.check_access("write")
        text = (vals.get("text") or "").strip()
        if text:
            self._message_log(body=plaintext2html(self.env._("Call: %s", text)))
        caller = self.env["res.partner"].browse(int(vals.get("partner_id") or 0)).exists()
        now = fields.Datetime.now()
        self._add_contact("in", "phone", now, partner=caller or self.partner_id)
        # He was spoken to at the same moment.
        self._add_contact("out", "phone", now, user=self.env.user)
        if vals.get("resolved"):
            self.action_resolve()
        return self._tell_call()

    # ---- business -------------------------------------------------------------------------------

    def _find_callers(self, term):
        partners = self.env["res.partner"]
        if phone.is_number(term):
            return partners._care_by_phone(term, FOUND)
        if len(term) < 2:
            return partners
        if "@" in term:
            address = email_normalize(term) or term.lower()
            return partners.search([("email_normalized", "=", address)], limit=FOUND) or (
                partners.search([("email", "ilike", term)], limit=FOUND))
        if re.fullmatch(r"\S*\d\S*", term):
            found = self._find_callers_of_document(term)
            if found:
                return found
        return partners.search([("complete_name", "ilike", term)], limit=FOUND)

    def _find_callers_of_document(self, term):
        """The customer of an order, an invoice or a case that he read out."""
        partners = self.search([("number", "=ilike", term)], limit=1).partner_id
        for name in ("sale.order", "account.move"):
            documents = self.env[name]
            if not partners and documents.has_access("read"):
                partners = documents.search([("name", "=ilike", term)], limit=1).partner_id
        return partners

    def _prepare_caller(self, vals):
        if vals.get("partner_id"):
            return {"partner_id": int(vals["partner_id"])}
        name = (vals.get("partner_name") or "").strip()
        if not name and not vals.get("phone"):
            raise UserError(self.env._("Who called? Choose a contact or write a name."))
        return {"partner_name": name or False, "phone": vals.get("phone") or False,
                "email_from": vals.get("email") or False}

    def _tell_subject(self, text):
        """The first line, cut at a word."""
        line = text.splitlines()[0].strip()
        if len(line) <= SUBJECT:
            return line
        return line[:SUBJECT].rsplit(" ", 1)[0] + "…"

    def _tell_call(self):
        return {
            "id": self.id, "number": self.number, "name": self.name,
            "settled": self.stage_kind in ("resolved", "closed")}

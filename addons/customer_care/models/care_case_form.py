from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import formataddr, html2plaintext, plaintext2html

#: Who sends the same text again within this time gets his first case again.
SAME_TEXT = timedelta(hours=1)


class CareCase(models.Model):
    """Cases that customers write on a page: the public form, and the portal."""

    _inherit = "care.case"

    @api.model
    def _open_from_form(self, team, values: dict[str, str], files):
        """A stranger's case. Returns the case.

        The contact is found by the address alone and not changed by what a stranger types.

        :param values: cleaned values of engine/form.py, with "category_id" (an id or None)
        :param files: [(name, bytes)] that were checked
        """
        text = values["message"]
        if values["product"]:
            text = f"{self.env._('Product: %s', values['product'])}\n{text}"
        cases = self.with_user(SUPERUSER_ID)  # as the mail gateway does
        partner = cases._find_contact(
            formataddr((values["name"], values["email"])), team.company_id)
        return cases._open_written(team, partner, text, files, {
            "name": values["subject"], "channel": "web", "partner_name": values["name"],
            "email_from": values["email"], "phone": values["phone"] or False,
            "category_id": values.get("category_id"),
            **self._prepare_order_vals(team.company_id, partner, values["order"])})

    @api.model
    def _open_from_portal(self, partner, company, values, line, files):
        """A customer's case from his own pages; `line` is one of his own order lines, or none."""
        category = self.env["care.category"].browse(values.get("category_id") or ())
        team = category.team_id._still_working() or self.env["care.team"]._default_team(company)
        return self.with_user(SUPERUSER_ID)._open_written(
            team, partner, values["message"], files, {
                "name": values["subject"], "channel": "portal", "category_id": category.id,
                "product_id": line.product_id.id, "order_line_id": line.id,
                "order_id": line.order_id.id})

    @api.model
    def _open_written(self, team, partner, text: str, files, vals):
        """The customer's text is the first message of the case; sent twice it is one case."""
        before = self._find_same(team, partner, vals, text)
        if before:
            return before
        body = plaintext2html(text)
        case = self.with_company(team.company_id).with_context(care_by_mail=True).create({
            **vals, "description": body, "team_id": team.id, "company_id": team.company_id.id,
            "partner_id": partner.id}).with_context(care_by_mail=False)
        case.with_context(care_opening=True).message_post(
            body=body, attachments=files, author_id=partner.id, message_type="comment",
            subtype_xmlid="mail.mt_comment")
        return case

    @api.model
    def _find_same(self, team, partner, vals, text):
        return self.search([
            ("team_id", "=", team.id), ("channel", "=", vals["channel"]),
            ("name", "=", vals["name"]), ("partner_id", "=", partner.id),
            ("opened_at", ">", fields.Datetime.now() - SAME_TEXT)], limit=5).filtered(
                lambda case: html2plaintext(case.description).split() == text.split())[:1]

    @api.model
    def _prepare_order_vals(self, company, partner, number):
        """The order that the customer names, when it is his own."""
        order = number and self.env["sale.order"].search([
            ("name", "=", number.upper()), ("company_id", "=", company.id),
            ("partner_id", "child_of", partner.commercial_partner_id.id)], limit=1)
        return {"order_id": order.id} if order else {}

from markupsafe import Markup, escape
from odoo import fields, models
from odoo.addons.sales_automation.models.sales_story import TEXTS
from odoo.exceptions import UserError


class SalesStorySend(models.TransientModel):
    """The dialog that mails a published story to a colleague or to a customer."""

    _name = "sales.story.send"
    _description = "Send a Story"

    story_id = fields.Many2one("sales.story", required=True, readonly=True, ondelete="cascade")
    lead_id = fields.Many2one(
        "crm.lead", "Deal", help="The mail is kept in the chatter of this deal.")
    partner_ids = fields.Many2many("res.partner", string="To", required=True)
    message = fields.Text("Your Words", help="Stands above the story.")

    def action_apply(self):
        """Send what readers see, never the words behind it."""
        self.ensure_one()
        story = self.story_id
        story.check_access("read")
        if story.state != "published":
            raise UserError(self.env._("Only a published story is sent."))
        outside = self.partner_ids.filtered("partner_share")
        if outside and not story.anonymous and not story.customer_agreed:
            raise UserError(self.env._(
                "This story names the customer, and he has not agreed to be named: it is not sent "
                "to %s.", ", ".join(outside.mapped("name"))))
        if no_mail := self.partner_ids.filtered(lambda partner: not partner.email):
            raise UserError(self.env._(
                "%s has no e-mail address.", ", ".join(no_mail.mapped("name"))))
        thread = self.lead_id or self.env["mail.thread"]
        if self.lead_id:
            self.lead_id.check_access("write")
            thread.message_post(
                body=self._prepare_body(), subject=story.name, message_type="comment",
                subtype_xmlid="mail.mt_comment", partner_ids=self.partner_ids.ids)
        else:
            thread.message_notify(
                body=self._prepare_body(), subject=story.name, partner_ids=self.partner_ids.ids)
        return {"type": "ir.actions.act_window_close"}

    def _prepare_body(self):
        story = self.story_id
        parts = [Markup("<p>%s</p>") % escape(self.message)] if self.message else []
        parts.append(Markup("<h3>%s</h3>") % story.name)
        parts += [
            Markup("<p><b>%s</b><br/>%s</p>") % (
                story._fields[name]._description_string(self.env),
                Markup("<br/>").join(escape(line) for line in story[name].splitlines()))
            for name in TEXTS[1:] if story[name]]
        return Markup("").join(parts)

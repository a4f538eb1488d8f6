from odoo import Command, api, models


class CareLoop(models.AbstractModel):
    """What customer care says to the rest of the loop, in records that Odoo itself has.

    A tag on the partner and a lead with source, medium and tag mean something to whoever looks at
    them; nobody is named here, and without leads in the database the tag alone is said.
    """

    _name = "care.loop"
    _description = "Customer care in the loop"

    @api.model
    def _win_back(self, customers):
        """Tag the customers, and give each one lead at most that is still open."""
        tag = self.env.ref("customer_care.partner_category_win_back")
        # Care staff need not be allowed to edit contacts or leads; this is all they do there.
        customers.partner_id.sudo().write({"category_id": [Command.link(tag.id)]})
        if "crm.lead" not in self.env:
            return self._notification(self.env._("Tagged for win-back: %s.", len(customers)))
        created = self._open_leads(customers)
        return self._notification(self.env._(
            "Tagged for win-back: %(tagged)s. Leads opened: %(leads)s, open before: %(open)s.",
            tagged=len(customers), leads=len(created), open=len(customers) - len(created)))

    @api.model
    def _open_leads(self, customers):
        source = self.env.ref("customer_care.utm_source_care")
        medium = self.env.ref("customer_care.utm_medium_win_back")
        # Any open win-back lead counts, whoever works on it.
        leads = self.env["crm.lead"].sudo().with_context(mail_create_nosubscribe=True)
        busy = leads.search([
            ("partner_id.commercial_partner_id", "in", customers.partner_id.ids),
            ("source_id", "=", source.id),
            ("medium_id", "=", medium.id),
            ("won_status", "=", "pending"),
        ])
        taken = {(lead.partner_id.commercial_partner_id, lead.company_id) for lead in busy}
        return leads.create([
            self._prepare_lead_vals(customer, source, medium)
            for customer in customers
            if (customer.partner_id, customer.company_id) not in taken
            and (customer.partner_id, customer.company_id.browse()) not in taken
        ])

    @api.model
    def _prepare_lead_vals(self, customer, source, medium):
        return {
            "name": self.env._("Win back: %s", customer.partner_id.display_name),
            "type": "lead",
            "partner_id": customer.partner_id.id,
            "company_id": customer.company_id.id,
            "user_id": False,
            "team_id": False,
            "source_id": source.id,
            "medium_id": medium.id,
            "tag_ids": [Command.link(self.env.ref("customer_care.crm_tag_win_back").id)],
            "description": customer.story,
        }

    @api.model
    def _notification(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success", "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

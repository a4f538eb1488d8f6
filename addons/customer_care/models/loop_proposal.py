from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class CareLoop(models.AbstractModel):
    """Cross-selling said in records that Odoo itself has: an opportunity, else a quotation."""

    _inherit = "care.loop"

    @api.model
    def _sell(self, proposal):
        """The document in which a proposal is worked on; an open quotation of it serves too."""
        # Care staff need not be allowed to make deals or orders; this is all they do there.
        proposal = proposal.sudo().with_company(proposal.company_id)
        if quoted := self._get_quotation(proposal):
            return quoted
        if "crm.lead" in self.env:
            return self._open_opportunity(proposal)
        return self._open_quotation(proposal)

    def _get_quotation(self, proposal):
        """A quotation that is open, or an order confirmed since: it is being sold already."""
        product = proposal._get_product()
        variant = product._name == "product.product"
        name = "product_id" if variant else "product_id.product_tmpl_id"
        return proposal.env["sale.order"].search([
            ("company_id", "=", proposal.company_id.id),
            "|", ("state", "in", ("draft", "sent")),
            "&", ("state", "=", "sale"), ("date_order", ">=", proposal.proposed_on),
            ("partner_id.commercial_partner_id", "=", proposal.partner_id.id),
            (f"order_line.{name}", "=", product.id)], limit=1)

    def _open_opportunity(self, proposal):
        return proposal.env["crm.lead"].with_context(mail_create_nosubscribe=True).create({
            "name": proposal.display_name,
            "type": "opportunity",
            "partner_id": proposal.partner_id.id,
            "company_id": proposal.company_id.id,
            "user_id": self._get_seller(proposal).id,
            "expected_revenue": proposal.price,
            "description": plaintext2html(proposal.reason),
            "tag_ids": [Command.link(self.env.ref(f"customer_care.crm_tag_{proposal.kind}").id)],
            **self._prepare_origin(),
        })

    def _open_quotation(self, proposal):
        product = proposal.product_id or proposal.product_tmpl_id.product_variant_id
        if not product:
            raise UserError(self.env._(
                "%s has no variant that can be sold.", proposal.product_tmpl_id.display_name))
        order = proposal.env["sale.order"].with_context(mail_create_nosubscribe=True).create({
            "partner_id": proposal.partner_id.id,
            "company_id": proposal.company_id.id,
            "user_id": self._get_seller(proposal).id,
            "order_line": [Command.create({"product_id": product.id})],
            **self._prepare_origin(),
        })
        order._message_log(body=proposal.reason)
        return order

    def _get_seller(self, proposal):
        """The customer's salesperson, else whoever sells and took it up."""
        user = self.env["res.users"].browse(self.env.uid)
        sells = user.has_group("sales_team.group_sale_salesman")
        return proposal.user_id.filtered("active") or (user if sells else user.browse())

    def _prepare_origin(self):
        return {
            "source_id": self.env.ref("customer_care.utm_source_care").id,
            "medium_id": self.env.ref("customer_care.utm_medium_proposal").id,
        }

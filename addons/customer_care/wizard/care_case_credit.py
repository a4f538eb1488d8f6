from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount


class CareCaseCredit(models.TransientModel):
    """A credit note to make up for a complaint, made by core, or asked of accounting."""

    _name = "care.case.credit"
    _description = "Credit note for a complaint"

    case_id = fields.Many2one("care.case", required=True, readonly=True)
    company_id = fields.Many2one(related="case_id.company_id")
    commercial_partner_id = fields.Many2one(related="case_id.commercial_partner_id")
    invoice_id = fields.Many2one(
        "account.move", "Invoice", compute="_compute_invoice_id", store=True, readonly=False,
        precompute=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id), ('state', '=', 'posted'), "
        "('move_type', '=', 'out_invoice'), ('company_id', '=', company_id)]")
    currency_id = fields.Many2one(related="invoice_id.currency_id")
    extent = fields.Selection(
        [("part", "A part of it"), ("whole", "The whole invoice")], "Credit", required=True,
        default="part")
    amount = fields.Monetary("Untaxed amount", help="In the currency of the invoice.")
    kind = fields.Selection(
        [("refund", "Refund"), ("discount", "Discount")], "As", required=True, default="refund")
    reason = fields.Char(
        "Reason on the credit note", compute="_compute_reason", store=True, readonly=False,
        precompute=True)
    may_make = fields.Boolean(compute="_compute_may_make")

    @api.depends("case_id")
    def _compute_invoice_id(self):
        """The invoice of the case, else of its order, else the latest one."""
        for wizard in self:
            invoices = self.env["account.move"].search([
                ("commercial_partner_id", "=", wizard.commercial_partner_id.id),
                ("state", "=", "posted"), ("move_type", "=", "out_invoice"),
                ("company_id", "=", wizard.company_id.id)], order="invoice_date desc, id desc")
            order = wizard.case_id.order_id or wizard.case_id.order_line_id.order_id
            # The invoices of an order are known to sales; who works on the case may use them.
            of_order = invoices & order.sudo().invoice_ids.sudo(False)
            wizard.invoice_id = (
                invoices & wizard.case_id.invoice_id or of_order or invoices)[:1]

    @api.depends("case_id")
    def _compute_reason(self):
        for wizard in self:
            wizard.reason = wizard.case_id.display_name

    @api.depends_context("uid")
    def _compute_may_make(self):
        self.may_make = self.env.user.has_group("account.group_account_invoice")

    @api.constrains("amount", "extent", "invoice_id")
    def _check_amount(self):
        for wizard in self.filtered(lambda one: one.extent == "part"):
            if not 0 < wizard.amount <= wizard.invoice_id.amount_untaxed:
                raise UserError(self.env._(
                    "Enter an untaxed amount above 0 and up to %s.", format_amount(
                        self.env, wizard.invoice_id.amount_untaxed, wizard.currency_id)))

    def action_apply(self):
        """Make it when the user may make credit notes, else ask accounting."""
        self.ensure_one()
        if not self.env.user.has_groups(
                "customer_care.group_customer_care_user,account.group_account_invoice"):
            raise AccessError(self.env._("Only customer care and accounting may do this."))
        self.case_id.check_access("read")
        if not self.invoice_id:
            raise UserError(self.env._(
                "This customer has no posted invoice: there is nothing to credit."))
        if self.invoice_id.commercial_partner_id != self.commercial_partner_id:
            raise UserError(self.env._("This is an invoice of another customer."))
        return self._make() if self.may_make else self._ask()

    def _make(self):
        """A draft by core's own reversal, linked to the case; its maker looks at it and posts."""
        company = self.company_id
        reversal = self.env["account.move.reversal"].with_company(company).with_context(
            active_model="account.move", active_ids=self.invoice_id.ids).create({
                "reason": self.reason, "journal_id": self.invoice_id.journal_id.id})
        reversal.reverse_moves()
        note = reversal.new_move_ids
        if self.extent == "part":
            note.invoice_line_ids = [Command.clear(), Command.create(self._prepare_line())]
        note.care_case_id = self.case_id
        # The remedy was written by the link; accounting need not be allowed to write cases.
        self.env["care.remedy"].sudo().search([("move_id", "=", note.id)]).kind = self.kind
        return {
            "type": "ir.actions.act_window", "res_model": "account.move", "res_id": note.id,
            "views": [(False, "form")], "context": {"default_move_type": "out_refund"}}

    def _prepare_line(self):
        first = self.invoice_id.invoice_line_ids.filtered(
            lambda line: line.display_type == "product")[:1]
        return {
            "name": self.reason, "quantity": 1, "price_unit": self.amount,
            "account_id": first.account_id.id, "tax_ids": [Command.set(first.tax_ids.ids)]}

    def _ask(self):
        """A remedy that waits, and an activity on the case for whoever makes credit notes."""
        accountant = self._get_accountant()
        self.env["care.remedy"].create({
            "case_id": self.case_id.id, "kind": self.kind, "invoice_id": self.invoice_id.id,
            "done_on": False})
        what = self.env._("the whole invoice") if self.extent == "whole" else self.env._(
            "%s untaxed", format_amount(self.env, self.amount, self.currency_id))
        self.case_id.activity_schedule(
            "customer_care.mail_activity_credit", user_id=accountant.id,
            summary=self.env._("Credit note of %s", self.invoice_id.name),
            note=self.env._(
                "Please credit %(what)s of %(invoice)s. Reason: %(reason)s. The button Credit "
                "note of the page Complaint links it to the case.",
                what=what, invoice=self.invoice_id.name, reason=self.reason))
        return self.env["care.loop"]._notification(
            self.env._("%s was asked to make the credit note.", accountant.name))

    def _get_accountant(self):
        company = self.company_id
        # Who may make credit notes is looked up, whoever asks.
        group = self.env.ref("account.group_account_invoice").sudo()
        found = company.care_credit_user_id.filtered("active") or group.all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids
        ).sorted("id")[:1]
        if not found:
            raise UserError(self.env._(
                "Nobody in %s may make credit notes. Choose somebody in the settings.",
                company.name))
        return found

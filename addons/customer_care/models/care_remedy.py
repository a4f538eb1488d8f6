from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: What can make up for a complaint.
REMEDIES = [
    ("replace", "Replacement"), ("refund", "Refund"), ("repair", "Repair"),
    ("discount", "Discount"), ("redo", "Service done again"), ("explain", "Explanation"),
    ("apology", "Apology"), ("none", "No remedy"),
]
#: Documents that a remedy other than a credit note can consist of, where they exist.
DOCUMENTS = ("sale.order", "repair.order", "stock.picking")


class CareRemedy(models.Model):
    """One thing given to make up for a complaint, with what it cost us.

    A credit note costs what is posted of it, no more and no less; anything else costs what was
    entered. A case can have several.
    """

    _name = "care.remedy"
    _description = "Remedy"
    _order = "done_on, id"
    _check_company_auto = True

    case_id = fields.Many2one(
        "care.case", required=True, index=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(REMEDIES, "Remedy", required=True, default="replace")
    done_on = fields.Date("Given on", default=fields.Date.context_today)
    note = fields.Char()
    amount = fields.Monetary(
        "Cost entered",
        help="What the remedy cost us, untaxed, in company currency: goods at cost, hours, "
        "freight. A credit note tells its own amount.")
    move_id = fields.Many2one(
        "account.move", "Credit note", readonly=True, index="btree_not_null", ondelete="cascade",
        check_company=True)
    invoice_id = fields.Many2one(
        "account.move", "Of invoice", readonly=True, index="btree_not_null", ondelete="set null",
        help="The invoice to be credited, when somebody else makes the credit note.")
    document = fields.Reference(
        "_select_document", "Document", help="The order, repair or delivery that it consists of.")
    cost = fields.Monetary(
        compute="_compute_cost",
        help="Untaxed, in company currency: what is posted of the credit note, else what was "
        "entered. It is in the report on complaints. In the retention cost only credit notes "
        "count, and only when the settings say so.")
    state = fields.Char(
        "Credit note is", compute="_compute_cost",
        help="Only a posted credit note counts. Asked for: accounting has been asked to make it.")

    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "The cost of a remedy cannot be negative.")

    @api.model
    def _select_document(self):
        known = (name for name in DOCUMENTS if name in self.env)
        return [(name, self.env["ir.model"]._get(name).name) for name in known]

    @api.constrains("kind", "case_id")
    def _check_none_stands_alone(self):
        for case in self.case_id:
            kinds = case.remedy_ids.mapped("kind")
            if "none" in kinds and len(kinds) > 1:
                raise ValidationError(self.env._(
                    "“No remedy” cannot stand beside another remedy."))

    @api.depends("amount", "kind", "move_id.state", "move_id.amount_untaxed_signed", "invoice_id")
    @api.depends_context("lang")
    def _compute_cost(self):
        for remedy in self:
            # The amount of the credit note is for whoever sees the remedy.
            note = remedy.move_id.sudo()
            remedy.cost = remedy.amount
            remedy.state = False
            if note:
                posted = note.state == "posted"
                remedy.cost = -note.amount_untaxed_signed if posted else 0
                remedy.state = {
                    "posted": self.env._("Posted"),
                    "draft": self.env._("Draft"),
                }.get(note.state, self.env._("Cancelled"))
            elif remedy.invoice_id:
                remedy.cost = 0
                remedy.state = self.env._("Asked for")

    @api.depends("kind", "case_id")
    def _compute_display_name(self):
        words = dict(self._fields["kind"]._description_selection(self.env))
        for remedy in self:
            remedy.display_name = words.get(remedy.kind, "")

    def action_open_document(self):
        """The credit note, or whatever the remedy consists of."""
        self.ensure_one()
        record = self.move_id or self.invoice_id or self.document
        return record and {
            "type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id,
            "views": [(False, "form")],
        }

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesDealContact(models.Model):
    """One row per person of the customer who has a part in a deal.

    There is no unique index on deal and person: when core merges two partners, it would drop the
    rows of one of them altogether. Two rows of one person are refused when they are written.
    """

    _name = "sales.deal.contact"
    _description = "Person in a Deal"
    _order = "sequence, id"
    _rec_name = "partner_id"

    lead_id = fields.Many2one(
        "crm.lead", string="Opportunity", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one(
        "res.partner", "Person", required=True, ondelete="cascade", index=True)
    role_id = fields.Many2one(
        "sales.contact.role", "Role", ondelete="restrict",
        help="The part of this person in the customer's decision.")
    stance = fields.Selection(
        [
            ("for", "For Us"),
            ("neutral", "Neutral"),
            ("against", "Against Us"),
        ], help="How this person looks at our offer. Leave it empty until you know.")
    note = fields.Text(help="What a colleague has to know before he calls this person.")
    sequence = fields.Integer(related="role_id.sequence", store=True)
    company_id = fields.Many2one(related="lead_id.company_id", store=True, index="btree_not_null")

    @api.constrains("lead_id", "partner_id")
    def _check_once(self):
        twice = self._read_group(
            [("lead_id", "in", self.lead_id.ids)], ["lead_id", "partner_id"], ["__count"],
            having=[("__count", ">", 1)])
        if twice:
            raise ValidationError(self.env._(
                "%s is already among the people of this deal.", twice[0][1].display_name))

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_deal()
        return rows

    def write(self, vals):
        self._check_deal()
        result = super().write(vals)
        if "lead_id" in vals:
            self._check_deal()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read_only(self):
        self._check_deal()

    def _check_deal(self):
        """Whoever may only read the deal changes nobody in it."""
        if not self.env.su:
            self.lead_id.check_access("write")

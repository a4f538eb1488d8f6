from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import ValidationError

LABEL = "case_"


class NurtureNodeCase(models.Model):
    """One named way out of a step that has several: a case of a switch with its conditions, or a
    path of a split with its share. The key names the same way in every version."""

    _name = "nurture.node.case"
    _inherit = ["nurture.setting.mixin"]
    _description = "Nurture path"
    _order = "node_id, sequence, id"

    node_id = fields.Many2one("nurture.node", required=True, index=True, ondelete="cascade")
    version_id = fields.Many2one(related="node_id.version_id")
    company_id = fields.Many2one(related="node_id.company_id")
    sequence = fields.Integer(default=10)
    key = fields.Char(required=True, readonly=True, default=lambda self: uuid4().hex[:8])
    label = fields.Char("Exit", compute="_compute_label")
    name = fields.Char(required=True, translate=True)
    domain = fields.Char("Conditions", default="[]")
    percent = fields.Integer(
        "Share (%)", default=0, aggregator=False,
        help="How many people of a hundred go this way until a winner is known.",
    )  # fmt: skip
    to_id = fields.Many2one(
        "nurture.node", "Then", compute="_compute_to_id", inverse="_inverse_to_id",
        domain="[('version_id', '=', version_id), ('id', '!=', node_id)]",
    )  # fmt: skip

    _key_uniq = models.UniqueIndex("(node_id, key)", "This path exists already.")
    _percent_whole = models.Constraint(
        "CHECK(percent >= 0 AND percent <= 100)", "A share is between 0 and 100 %."
    )

    @api.constrains("domain")
    def _check_domain(self):
        for case in self.filtered(lambda c: c.node_id.kind == "switch"):
            if sentence := self.env["nurture.scenario"]._fault_of_lead_domain(case.domain):
                raise ValidationError(f"{case.name}: {sentence}")

    @api.depends("key")
    def _compute_label(self):
        for case in self:
            case.label = f"{LABEL}{case.key}"

    @api.depends("key", "node_id.edge_ids.to_id")
    def _compute_to_id(self):
        for case in self:
            case.to_id = case.node_id._target(case.label) if case.node_id else False

    def _inverse_to_id(self):
        for case in self:
            case.node_id._set_exit_to(case.label, case.to_id)

    # ------------------------------------------------------------
    # ORM
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases.version_id._check_editable()
        return cases

    def write(self, vals):
        self.version_id._check_editable()
        return super().write(vals)

    def unlink(self):
        """A way out takes its arrow with it."""
        self.version_id._check_editable()
        for case in self:
            case.node_id._set_exit_to(case.label, False)
        return super().unlink()

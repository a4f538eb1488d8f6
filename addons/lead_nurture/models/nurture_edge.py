from odoo import api, fields, models


class NurtureEdge(models.Model):
    """One arrow: who leaves a step by this exit stands at the other step next."""

    _name = "nurture.edge"
    _description = "Nurture arrow"
    _order = "from_id, label"

    version_id = fields.Many2one(
        "nurture.scenario.version", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="version_id.company_id")
    from_id = fields.Many2one("nurture.node", required=True, index=True, ondelete="cascade")
    label = fields.Char(
        "Exit", required=True, help="Key of the exit; its words come from the step it leaves."
    )
    to_id = fields.Many2one("nurture.node", required=True, index=True, ondelete="cascade")

    _exit_uniq = models.UniqueIndex(
        "(from_id, label)", "Each exit of a step can lead to one place only."
    )

    @api.model_create_multi
    def create(self, vals_list):
        edges = super().create(vals_list)
        edges.version_id._check_editable()
        return edges

    def write(self, vals):
        self.version_id._check_editable()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self.version_id._check_editable()

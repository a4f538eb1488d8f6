from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SalesPlaybookMaterial(models.Model):
    """One row per file or link that helps in a step of a playbook."""

    _name = "sales.playbook.material"
    _description = "Playbook Material"
    _order = "sequence, id"

    step_id = fields.Many2one(
        "sales.playbook.step", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Title", required=True, translate=True)
    url = fields.Char("Link", help="A web address, starting with https://")
    file = fields.Binary(attachment=True, help="A file for everybody who works with the playbook.")
    file_name = fields.Char()
    company_id = fields.Many2one(related="step_id.company_id", store=True)

    @api.constrains("url", "file")
    def _check_source(self):
        for material in self:
            if not material.url and not material.file:
                raise ValidationError(self.env._(
                    "%s: give the material a link or a file.", material.name))
            if material.url and not material.url.lower().startswith(("https://", "http://", "/")):
                raise ValidationError(self.env._(
                    "%s: the link must start with https://", material.name))

    def _get_url(self):
        """Return where the material opens; a file is read through the record's own rights."""
        self.ensure_one()
        return self.url or f"/web/content/{self._name}/{self.id}/file/{self.file_name or 'file'}"

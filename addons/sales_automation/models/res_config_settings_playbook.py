from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Playbooks on the settings page."""

    _inherit = "res.config.settings"

    sales_playbook_enforcement = fields.Selection(
        related="company_id.sales_playbook_enforcement", readonly=False)
    sales_playbook_automation_passes = fields.Boolean(
        related="company_id.sales_playbook_automation_passes", readonly=False)
    sales_playbook_import = fields.Selection(
        related="company_id.sales_playbook_import", readonly=False)

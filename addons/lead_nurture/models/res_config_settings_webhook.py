from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import webhook as engine
from odoo.exceptions import ValidationError

HOSTS = "lead_nurture.webhook_hosts"


class ResConfigSettings(models.TransientModel):
    """Which other systems scenarios may call."""

    _inherit = "res.config.settings"

    nurture_webhook_hosts = fields.Text("Hosts that may be called")
    nurture_webhook_secret = fields.Char(
        "Key of the signatures", compute="_compute_nurture_webhook_secret"
    )

    @api.constrains("nurture_webhook_hosts")
    def _check_nurture_webhook_hosts(self):
        for settings in self:
            _rules, wrong = engine.read_rules(settings.nurture_webhook_hosts or "")
            if wrong:
                raise ValidationError(
                    self.env._(
                        "“Hosts that may be called”: “%s” is no host. A line looks like "
                        "hooks.example.com or *.example.com.",
                        wrong[0],
                    )
                )

    @api.depends("company_id")
    def _compute_nurture_webhook_secret(self):
        for settings in self:
            settings.nurture_webhook_secret = self.env["nurture.webhook"]._secret()

    @api.model
    def get_values(self):
        # sudo: as core reads the parameters of settings
        hosts = self.env["ir.config_parameter"].sudo().get_param(HOSTS)
        return {**super().get_values(), "nurture_webhook_hosts": hosts}

    def set_values(self):
        super().set_values()
        # sudo: as core writes the parameters of settings
        self.env["ir.config_parameter"].sudo().set_param(HOSTS, self.nurture_webhook_hosts or "")

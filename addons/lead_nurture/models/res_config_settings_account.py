from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How the score of an account is made."""

    _inherit = "res.config.settings"

    nurture_account_top = fields.Integer(
        "People who make the score of an account",
        default=3,
        config_parameter="lead_nurture.account_top",
    )

    def set_values(self):
        before = self.env["nurture.account.score"]._top()
        result = super().set_values()
        if self.env["nurture.account.score"]._top() != before:
            # sudo: whoever may change settings
            self.env["nurture.account.dirty"].sudo()._push_all()
        return result

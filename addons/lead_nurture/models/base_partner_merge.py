from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Contacts that a user merges are one human to us as well."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _log_merge_operation(self, src_partners, dst_partner):
        super()._log_merge_operation(src_partners, dst_partner)
        changes = self.env["nurture.change"].sudo()  # sudo: whoever may merge contacts
        changes._push_merged("partner", src_partners.ids, dst_partner.id)

from odoo import api, models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Answers go to the person who remains, and to the customer he belongs to."""
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._query_settle_answers(dst_partner)
        self.env["care.feedback"].invalidate_model(["commercial_partner_id"], flush=False)
        return result

    def _query_settle_answers(self, partner):
        """Index of care_feedback's partner_id."""
        self.env.execute_query(SQL(
            "UPDATE care_feedback SET commercial_partner_id = %s WHERE partner_id = %s RETURNING 1",
            partner.commercial_partner_id.id, partner.id))

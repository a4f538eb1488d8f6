from odoo import fields, models


class CrmLostReason(models.Model):
    """Why deals are lost; some reasons mean: not now, keep in touch."""

    _inherit = "crm.lost.reason"

    nurture_scenario_id = fields.Many2one(
        "nurture.scenario",
        "Nurture again in",
        domain="[('trigger_kind', '=', 'recycle')]",
        ondelete="set null",
        index="btree_not_null",
        help="Leads lost for this reason enter this scenario while it runs. They stay lost until "
        "they are handed to sales again, and keep their history.",
    )

from odoo import fields, models

from .care_customer_health import LEVEL_SELECTION
from .optional import OptionalInteger
from .res_partner import COLLEAGUES


class ResPartner(models.Model):
    _inherit = "res.partner"

    care_segment_id = fields.Many2one(
        "care.rfm.segment", "RFM segment", compute="_compute_care",
        search="_search_care_segment_id", groups=COLLEAGUES,
        help="Segment of the customer in the current company, by recency and frequency.")

    care_health = OptionalInteger(
        "Customer health", compute="_compute_care", search="_search_care_health",
        groups=COLLEAGUES, help="0 to 100 in the current company; reasons on the care record.")
    care_health_level = fields.Selection(
        LEVEL_SELECTION, "Health level", compute="_compute_care",
        search="_search_care_health_level", groups=COLLEAGUES)

    def _care_mirrored(self):
        return super()._care_mirrored() | {
            "care_segment_id": "rfm_segment_id",
            "care_health": "health",
            "care_health_level": "health_level",
        }

    def _search_care_segment_id(self, operator, value):
        return self._search_care("care_segment_id", operator, value)

    def _search_care_health(self, operator, value):
        return self._search_care("care_health", operator, value)

    def _search_care_health_level(self, operator, value):
        return self._search_care("care_health_level", operator, value)

from odoo import fields, models


class CrmLead(models.Model):
    """The coupon a scenario gave last, for the text of the mails that follow."""

    _inherit = "crm.lead"

    nurture_coupon = fields.Char(
        "Coupon of the scenario", compute="_compute_nurture_coupon",
        help="Code of the newest coupon that a scenario gave for this lead. In a mail: "
        "object.nurture_coupon", groups="base.group_user",
    )  # fmt: skip

    def _compute_nurture_coupon(self):
        # sudo: who reads the lead may read which coupon it was sent
        coupons = self.env["nurture.coupon"].sudo().search(
            [("lead_id", "in", self.ids)], order="id"
        )
        newest = {coupon.lead_id.id: coupon.code for coupon in coupons}
        for lead in self:
            lead.nurture_coupon = newest.get(lead.id, False)

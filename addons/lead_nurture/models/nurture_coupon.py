from odoo import fields, models


class NurtureCoupon(models.Model):
    """One coupon that one step of one person's journey gave out. The code is kept here too, so that
    mails can name it and the row still tells when the module of coupons has gone."""

    _name = "nurture.coupon"
    _description = "Coupon of a scenario"
    _order = "id desc"
    _rec_name = "code"

    enrolment_id = fields.Many2one(
        "nurture.enrolment", "Person in scenario", readonly=True, ondelete="cascade"
    )
    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="cascade", index=True)
    node_uid = fields.Char("Step key", required=True, readonly=True)
    visit = fields.Integer(required=True, readonly=True)
    code = fields.Char(required=True, readonly=True)
    card_id = fields.Integer("Coupon", readonly=True)

    _step_uniq = models.UniqueIndex(
        "(enrolment_id, node_uid, visit)", "This step has given its coupon already."
    )

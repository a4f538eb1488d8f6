from odoo import fields, models
from odoo.exceptions import AccessError

from .moments import tell_day


class CrmLead(models.Model):
    """Whom the salesperson stands in for: he is away for a time and keeps reading the deal."""

    _inherit = "crm.lead"

    # A plain column, so that the access rule of salespeople stays one indexable condition.
    cover_for_id = fields.Many2one(
        "res.users", "Covered For", copy=False, index="btree_not_null", readonly=True,
        help="Is away; the deal comes back to this person after the cover.",
        groups="base.group_user", prefetch="sales_automation")

    def _check_system_fields(self, vals):
        super()._check_system_fields(vals)
        if not self.env.su and "cover_for_id" in vals:  # it opens the deal to a reader
            raise AccessError(self.env._("A cover is planned under Team, Handovers."))

    def _deal_panel_sections(self):
        return {**super()._deal_panel_sections(), "cover": {
            "title": self.env._("Covered"), "icon": "fa-umbrella", "sequence": 6}}

    def _deal_panel_cover(self, now):
        """Who looks after the deal for whom, and until when; only while it lasts."""
        if not self.cover_for_id:
            return False
        lines = self.env["sales.handover.line"].sudo()  # the day only, for readers of the deal
        line = lines.search([
            ("res_model", "=", "crm.lead"), ("res_id", "=", self.id), ("state", "=", "moved"),
            ("handover_id.kind", "=", "cover")], limit=1)
        if not line:
            return False
        return {"lines": [{
            "icon": "fa-umbrella", "tone": "info",
            "text": self.env._(
                "%(cover)s looks after this for %(person)s",
                cover=self.sudo().user_id.name,  # a name
                person=self.sudo().cover_for_id.name),  # a name
            "detail": self.env._(
                "until %s, then it goes back", tell_day(self.env, line.handover_id.date_to)),
        }]}

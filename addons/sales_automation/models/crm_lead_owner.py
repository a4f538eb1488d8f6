from odoo import fields, models


class CrmLead(models.Model):
    """A deal that changes hands: its new owner is asked to read the brief."""

    _inherit = "crm.lead"

    brief_ids = fields.One2many(
        "sales.brief", "lead_id", string="Briefs", readonly=True, groups="base.group_user")

    def write(self, vals):
        if not vals.get("user_id") or self.env.context.get("sales_brief_given"):
            return super().write(vals)
        held = {lead.id: lead.user_id.id for lead in self.sudo()}  # may be out of sight later
        result = super().write(vals)
        moved = self.sudo().filtered(  # the writer may have given the deal away
            lambda lead: held[lead.id] and lead.user_id.id != held[lead.id])
        if moved:
            moved._brief_new_owners(held)
        return result

    def _brief_new_owners(self, held):
        """Give briefs for open deals that one person held and somebody gave to another."""
        reason = self.env.context.get("sales_brief_reason", "reassigned")
        given = self.filtered(
            lambda lead: lead.type == "opportunity" and lead.active
            and lead.sales_outcome == "open" and lead._needs_brief(reason))
        self.env["sales.brief"].sudo()._give(  # rows are the system's
            given, held, reason, fields.Datetime.now())
        stale = self.env["sales.brief"].sudo().search(  # of whoever held them
            [("lead_id", "in", (self - given).ids), ("state", "=", "waiting")])
        stale._set_dropped()

    def _needs_brief(self, reason):
        """Everybody after a handover; else whoever got the deal from somebody else."""
        if reason == "reassigned":
            company = self.company_id or self.user_id.company_id
            return company.sales_brief_reassigned and self.user_id != self.env.user
        return reason == "handover"

    def _after_outcome(self, old, new, now):
        super()._after_outcome(old, new, now)
        if new != "open":
            self.env["sales.brief"].search(
                [("lead_id", "in", self.ids), ("state", "=", "waiting")])._set_dropped()

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        briefs = self.env["sales.brief"].sudo().search(  # they go with the lead
            [("lead_id", "in", opportunities.ids)])
        briefs.filtered(lambda brief: brief.state == "waiting")._set_dropped()
        briefs.lead_id = self
        return result

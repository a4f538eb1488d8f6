from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_amount

LISTED = 10


class SalesNudge(models.Model):
    """One row per person, role and day on which he was reminded of deals that need him.

    A salesperson hears of his deals without a next step and of his stale deals; a team leader of
    deals that stayed stale after their salesperson was reminded. The row is the proof that nobody
    hears twice a day, and keeps the failure when the message could not be written.
    Written by the nightly job of `sales.stale.case`.
    """

    _name = "sales.nudge"
    _description = "Reminder"
    _order = "day desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one("res.users", "To", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", readonly=True)
    role = fields.Selection(
        [("salesperson", "Salesperson"), ("leader", "Team Leader")], required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    missing_count = fields.Integer(
        "No Next Step", readonly=True, help="Deals without a next step that are not stale.")
    stale_count = fields.Integer("Stale", readonly=True)
    state = fields.Selection(
        [("sent", "Sent"), ("failed", "Failed")], default="sent", required=True, readonly=True)
    failure = fields.Text(
        readonly=True, help="Why the message could not be sent; it is tried again the next night.")

    _user_day_uniq = models.UniqueIndex("(user_id, role, day)", "Nobody is reminded twice a day.")

    @api.model
    def _send(self, user, role, day, company, intro, lists):
        """Write one grouped message to the person's inbox and note it.

        :param intro: a sentence above the lists, or False
        :param lists: [(title, deals, reason of a deal in words, xmlid of the full list)]
        """
        nudge = self.search([
            ("user_id", "=", user.id), ("role", "=", role), ("day", "=", day)])
        counts = [len(deals) for _title, deals, _reason, _xmlid in lists]
        values = {
            "user_id": user.id, "role": role, "day": day, "company_id": company.id,
            "state": "sent", "failure": False, "stale_count": counts[0],
            "missing_count": counts[1] if len(counts) > 1 else 0}
        if nudge:
            nudge.write(values)
        else:
            self.create(values)
        body = (Markup("<p>%s</p>") % intro if intro else Markup("")) + Markup("").join(
            self._render_list(*part) for part in lists if part[1])
        self.env["mail.thread"].with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids, body=body,
            subject=self.env._("%s deals need you", len(set().union(*(
                deals.ids for _title, deals, _reason, _xmlid in lists)))))

    @api.model
    def _render_list(self, title, deals, tell, xmlid):
        rows = Markup("").join(
            Markup("<li><a href='%s'>%s</a> · %s<br/><span class='text-muted'>%s</span></li>") % (
                f"/odoo/crm.lead/{deal.id}", deal.name,
                format_amount(self.env, deal.expected_revenue or 0, deal.company_currency),
                tell(deal) or "")
            for deal in deals[:LISTED])
        more = ""
        if len(deals) > LISTED:
            more = Markup("<p><a href='%s'>%s</a></p>") % (
                f"/odoo/action-{xmlid}",
                self.env._("and %s more: open the list", len(deals) - LISTED))
        return Markup("<p><b>%s (%s)</b></p><ul>%s</ul>%s") % (title, len(deals), rows, more)

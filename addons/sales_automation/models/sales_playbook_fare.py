from odoo import fields, models
from odoo.addons.sales_automation.models.sales_playbook_lockout import ENOUGH_WON

PREVIEWED = 2000  # open deals looked at; more would only make the form slow


class SalesPlaybook(models.Model):
    """How the open deals would fare with the playbook: for whoever writes it."""

    _inherit = "sales.playbook"

    fare = fields.Char("Open Deals Today", compute="_compute_fare")

    def _compute_fare(self):
        for playbook in self:
            deals = playbook._origin._open_deals()
            playbook.fare = bool(playbook._origin) and " ".join(filter(None, [
                self.env._("It applies to %s open deals today.", len(deals)),
                playbook._origin.sudo()._tell_past()]))  # counts only, for the author

    def _tell_past(self):
        """Say how the deals won in the last year would have fared, if there were enough."""
        won, criteria = self._sample_won(), self._past_criteria()
        if len(won) < ENOUGH_WON or not criteria:
            return ""
        unmet = criteria._find_unmet({lead: criteria for lead in won}, fields.Datetime.now())
        return self.env._(
            "Of %(count)s deals won in the last year %(passed)s would have passed, as far as "
            "this can be known now.", count=len(won), passed=len(won) - len(unmet))

    def _open_deals(self):
        """Return the newest open deals that this playbook decides on."""
        if not self:
            return self.env["crm.lead"]
        deals = self.env["crm.lead"].sudo().search(  # counts only, for the playbook's author
            [("type", "=", "opportunity"), ("sales_outcome", "=", "open"),
             ("stage_id", "!=", False)], order="id desc", limit=PREVIEWED)
        mine = self.env["sales.playbook"]._apply_to(deals)
        return deals.filtered(lambda lead: mine.get(lead.id) == self)

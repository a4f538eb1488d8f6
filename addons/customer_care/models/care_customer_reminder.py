from odoo import api, fields, models

#: Items and reminders shown on a care record, the latest; their boards have them all.
ITEMS_SHOWN = 40
REMINDERS_SHOWN = 20


class CareCustomer(models.Model):
    _inherit = "care.customer"

    item_ids = fields.One2many("care.item", string="Items", compute="_compute_item_ids")
    reminder_ids = fields.One2many(
        "care.reminder", string="Reminders", compute="_compute_reminder_ids")

    failed_reminder_id = fields.Many2one("care.reminder", compute="_compute_failed_reminder_id")

    @api.model
    def _lists(self):
        return super()._lists() | {
            "item_ids": ("care.item", "partner_id"),
            "reminder_ids": ("care.reminder", "partner_id")}

    def _compute_item_ids(self):
        for customer in self:
            customer.item_ids = customer._search_list(
                "item_ids", customer._product_domain(), limit=ITEMS_SHOWN)

    def _compute_reminder_ids(self):
        for customer in self:
            customer.reminder_ids = customer._search_list(
                "reminder_ids", customer._product_domain(), order="send_on desc, id desc",
                limit=REMINDERS_SHOWN)

    def _compute_failed_reminder_id(self):
        """One look for a whole list; a single record shows its reminders anyway.

        Index care_reminder_partner_idx.
        """
        reminders = self.env["care.reminder"]
        if len(self) == 1 and len(self.reminder_ids) < REMINDERS_SHOWN:
            found = self.reminder_ids.filtered(lambda one: one.state == "failed").sorted()
        else:
            found = reminders.search_fetch([
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "failed")]) if reminders.has_access("read") else reminders
        failed = {(one.partner_id, one.company_id): one for one in found}
        for customer in self:
            customer.failed_reminder_id = failed.get((customer.partner_id, customer.company_id))

    def _advice_candidates(self, rules):
        """A reminder that could not leave is somebody's promise: it comes before the rest."""
        candidates = super()._advice_candidates(rules)
        failed = self.failed_reminder_id
        if failed:
            candidates.append((20, self.env._(
                "Remind of %s by hand: the reminder could not leave.",
                (failed.product_id or failed.agreement_id).display_name)))
        return candidates

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)

#: Tickets of one click; the next click goes on where it ended.
AT_ONCE = 200


class CareTicketImport(models.Model):
    """One ticket of another helpdesk that was brought over, or could not be; each only once."""

    _name = "care.ticket.import"
    _description = "Imported ticket"
    _order = "state, id desc"
    _rec_name = "ticket_name"

    ticket_ref = fields.Integer("Ticket", required=True, readonly=True)
    ticket_name = fields.Char("Ticket's number", readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    case_id = fields.Many2one("care.case", readonly=True, ondelete="set null")
    state = fields.Selection(
        [("failed", "Failed"), ("done", "Brought over")], required=True, readonly=True)
    error = fields.Char("Why not", readonly=True)

    _ticket_uniq = models.UniqueIndex("(ticket_ref)", "This ticket was brought over already.")

    def action_open_case(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "care.case", "res_id": self.case_id.id,
            "views": [(False, "form")]}

    def action_retry(self):
        """Forget these failures and try them again."""
        self._check_imports()
        failed = self.filtered(lambda row: row.state == "failed")
        if not failed:
            return
        if not self.env["care.loop.helpdesk"]._is_there():
            raise UserError(self._tell_nothing_there())
        tickets = self.env["care.loop.helpdesk"]._tickets().browse(
            failed.mapped("ticket_ref")).exists()
        failed.sudo().unlink()  # the rows are written by code alone
        self._bring_all(tickets)

    def action_import(self):
        """Bring the next tickets over, and show how far it is."""
        self._check_imports()
        loop = self.env["care.loop.helpdesk"]
        if not loop._is_there():
            return self._notification("warning", self._tell_nothing_there())
        self._bring_all(loop._find_waiting(AT_ONCE))
        waiting = loop._count_waiting()
        failed = self.search_count([("state", "=", "failed")])
        done = self.search_count([("state", "=", "done")])
        told = {"done": done, "failed": failed, "waiting": waiting}
        return self._notification(
            "warning" if failed or waiting else "success",
            self.env._(
                "%(done)s tickets are cases now, %(failed)s failed, %(waiting)s wait. "
                "Import again to go on.", **told)
            if waiting else self.env._(
                "%(done)s tickets are cases now, %(failed)s failed; none is left.", **told))

    @api.model
    def _notification(self, tone, message):
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"type": tone, "message": message,
                       "next": {"type": "ir.actions.act_window_close"}},
        }

    @api.model
    def _tell_nothing_there(self):
        return self.env._("No helpdesk with tickets is installed here.")

    @api.model
    def _check_imports(self):
        if not self.env.user.has_group("customer_care.group_customer_care_manager"):
            raise AccessError(self.env._("Only managers of Customer Care import tickets."))

    @api.model
    def _bring_all(self, tickets):
        """Each on its own: what cannot be brought over keeps no other back."""
        loop = self.env["care.loop.helpdesk"]
        rows = self.sudo()  # the rows are written by code alone
        for ticket in tickets:
            vals = {"ticket_ref": ticket.id, "ticket_name": ticket.display_name,
                    "company_id": ticket.company_id.id}
            try:
                with self.env.cr.savepoint():
                    case = loop._bring(ticket)
                    rows.create({**vals, "state": "done", "case_id": case.id})
            except Exception as error:  # whatever is odd about a ticket is told on its row
                _logger.info("Ticket %s was not brought over: %s", ticket.id, error)
                rows.create({**vals, "state": "failed", "error": str(error)[:500]})

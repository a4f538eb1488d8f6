from odoo import api, models
from odoo.addons.customer_care.engine import helpdesk
from odoo.fields import Domain

TICKET = "helpdesk.ticket"
#: A case that only tells what was: nobody is written to, nothing is measured from now.
SILENT = {
    "care_imported": True, "tracking_disable": True, "mail_create_nolog": True,
    "mail_create_nosubscribe": True, "mail_notrack": True,
}


class CareLoopHelpdesk(models.AbstractModel):
    """Tickets of a helpdesk that may be installed, as cases.

    A ticket is read with the rights of whoever imports, and stays as it is.
    """

    _name = "care.loop.helpdesk"
    _description = "Tickets of a helpdesk"

    @api.model
    def _is_there(self):
        """Whether a helpdesk with tickets of the usual form is installed."""
        # Soft: the tickets belong to an addon that nobody has to have.
        return TICKET in self.env and {"stage_id", "partner_id", "company_id"} <= set(
            self.env[TICKET]._fields)

    @api.model
    def _find_waiting(self, limit):
        """Tickets that were not tried yet, the oldest first."""
        return self._tickets().search(self._domain_waiting(), order="id", limit=limit)

    @api.model
    def _count_waiting(self):
        return self._tickets().search_count(self._domain_waiting()) if self._is_there() else 0

    def _tickets(self):
        return self.env[TICKET].with_context(active_test=False)

    def _domain_waiting(self):
        tried = self.env["care.ticket.import"]._search([])
        return Domain("id", "not in", tried.subselect("ticket_ref")) & Domain(
            "company_id", "in", self.env.companies.ids)

    @api.model
    def _bring(self, ticket):
        """A ticket as a case, with its conversation."""
        cases = self.env["care.case"].sudo()  # stamps are written by code alone
        case = cases.with_context(**SILENT).create(self._prepare_case(ticket))
        self._bring_messages(ticket, case)
        case._set_imported()
        return case.with_env(self.env)

    def _prepare_case(self, ticket):
        stage = ticket.stage_id
        kind = helpdesk.kind_of(
            stage.name, self._of(stage, "closed"), self._of(stage, "unattended"))
        team = self._find_team(ticket)
        user = ticket.user_id.filtered(
            lambda user: not user.share and ticket.company_id in user.company_ids)
        closed_at = kind == "closed" and (
            self._of(ticket, "closed_date") or self._of(ticket, "last_stage_update")
            or ticket.write_date)
        solved = closed_at and helpdesk.reason_of(stage.name) == "solved"
        return {
            "name": ticket.name or ticket.display_name,
            "description": self._of(ticket, "description"),
            "partner_id": ticket.partner_id.id,
            "partner_name": self._of(ticket, "partner_name"),
            "email_from": self._of(ticket, "partner_email"),
            "severity": helpdesk.severity_of(self._of(ticket, "priority")),
            "channel": helpdesk.channel_of(self._name_of(ticket, "channel_id")),
            "category_id": self._find_category(ticket).id,
            "company_id": ticket.company_id.id, "team_id": team.id, "user_id": user.id,
            "stage_id": self._find_stage(stage, kind, team).id,
            "opened_at": ticket.create_date, "closed_at": closed_at,
            "close_reason": closed_at and helpdesk.reason_of(stage.name),
            "resolved_at": solved and closed_at, "last_resolved_at": solved and closed_at,
            "resolver_id": solved and user.id, "active": ticket.active,
        }

    def _bring_messages(self, ticket, case):
        """What was said, at its time; files are copied, so that they outlive the ticket."""
        messages = ticket.message_ids.filtered(
            lambda message: message.message_type in ("email", "comment"))
        for message in messages.sorted("id"):
            copied = message.copy({
                "model": "care.case", "res_id": case.id, "date": message.date,
                "attachment_ids": [attachment.copy(
                    {"res_model": "care.case", "res_id": case.id}).id
                    for attachment in message.attachment_ids]})
            direction = case._tell_direction(copied)
            if direction:
                case._set_brought(copied, direction)

    def _find_stage(self, theirs, kind, team):
        """Ours of the same name and meaning, else the first of the meaning."""
        stages = self.env["care.stage"]
        return stages.search(
            [("kind", "=", kind), ("name", "=ilike", theirs.name),
             ("team_ids", "in", [False, *team.ids])], limit=1) or stages._first(kind, team)

    def _find_team(self, ticket):
        teams, name = self.env["care.team"], self._name_of(ticket, "team_id")
        here = [("company_id", "=", ticket.company_id.id)]
        if not name:
            return teams._default_team(ticket.company_id)
        return teams.search([*here, ("name", "=ilike", name)], limit=1) or teams.create(
            {"name": name, "company_id": ticket.company_id.id})

    def _find_category(self, ticket):
        categories, name = self.env["care.category"], self._name_of(ticket, "category_id")
        if not name:
            return categories
        return categories.search(
            [("name", "=ilike", name), ("company_id", "in", (ticket.company_id.id, False))],
            limit=1) or categories.create({"name": name})

    def _of(self, record, name):
        """A field that not every version has."""
        return record[name] if name in record._fields else False

    def _name_of(self, ticket, name):
        found = self._of(ticket, name)
        return found.display_name if found else False

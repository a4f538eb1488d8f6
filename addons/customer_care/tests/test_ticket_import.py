"""Tickets of a helpdesk become cases, each once (CC-3)."""
from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import tagged

from .common_case import CaseCommon


class Stage(models.Model):
    _module = None
    _name = "helpdesk.ticket.stage"
    _description = "Stage of a ticket"

    name = fields.Char()
    closed = fields.Boolean()
    unattended = fields.Boolean()


class Team(models.Model):
    _module = None
    _name = "helpdesk.ticket.team"
    _description = "Team of a helpdesk"

    name = fields.Char()


class Ticket(models.Model):
    _module = None
    _name = "helpdesk.ticket"
    _inherit = ["mail.thread"]
    _description = "Ticket"

    name = fields.Char()
    description = fields.Html()
    active = fields.Boolean(default=True)
    priority = fields.Char()
    partner_id = fields.Many2one("res.partner")
    partner_name = fields.Char()
    partner_email = fields.Char()
    company_id = fields.Many2one("res.company")
    user_id = fields.Many2one("res.users")
    team_id = fields.Many2one("helpdesk.ticket.team")
    stage_id = fields.Many2one("helpdesk.ticket.stage")
    closed_date = fields.Datetime()


@tagged("post_install", "-at_install")
class TestTicketImport(CaseCommon):
    """On models of the same names and fields, where the helpdesk itself is not installed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        added = [
            model for model in (Stage, Team, Ticket) if model._name not in cls.registry.models]
        if added:
            cls.addClassCleanup(cls._forget, [model._name for model in added])
            for model in added:
                add_to_registry(cls.registry, model)
            names = [model._name for model in added]
            cls.registry._setup_models__(cls.env.cr, [])
            cls.registry.init_models(cls.env.cr, names, {"module": "customer_care"})
        cls.rows = cls.env["care.ticket.import"].with_user(
            cls.env.ref("base.user_root")).with_context(allowed_company_ids=cls.company.ids)
        cls.tickets = cls.env["helpdesk.ticket"].sudo().with_context(tracking_disable=True)
        cls.stages = {
            name: cls.env["helpdesk.ticket.stage"].sudo().create(
                {"name": name, "closed": closed, "unattended": new})
            for name, closed, new in (
                ("Fresh", False, True), ("Doing", False, False), ("Awaiting", False, False),
                ("Done", True, False), ("Cancelled", True, False))}

    @classmethod
    def _forget(cls, names):
        for name in names:
            model = cls.registry.models.pop(name)
            for parent in model._inherit:
                cls.registry[parent]._inherit_children.discard(name)
            cls.registry["base"]._inherit_children.discard(name)
        cls.registry._setup_models__(cls.env.cr)

    def _create_ticket(self, stage="Doing", **values):
        ticket = self.tickets.create({
            "name": f"Ticket {stage}", "partner_id": self.writer.id, "priority": "3",
            "company_id": self.company.id, "stage_id": self.stages[stage].id, **values})
        for author, words in ((self.writer, "It stopped"), (self.agent.partner_id, "We look")):
            ticket.message_post(
                body=words, author_id=author.id, message_type="comment",
                subtype_xmlid="mail.mt_comment")
        return ticket

    def _case_of(self, ticket):
        return self.rows.search([("ticket_ref", "=", ticket.id)]).case_id

    def test_a_ticket_becomes_a_case_with_its_conversation(self):  # CC-3
        team = self.env["helpdesk.ticket.team"].sudo().create({"name": "Repairs of old"})
        ticket = self._create_ticket("Fresh", team_id=team.id, user_id=self.agent.id)
        self.rows.action_import()
        case = self._case_of(ticket)
        self.assertEqual((case.name, case.partner_id), ("Ticket Fresh", self.writer))
        self.assertEqual((case.stage_kind, case.severity, case.user_id),
                         ("new", "4", self.agent))
        self.assertEqual(case.team_id.name, "Repairs of old")
        self.assertEqual(case.contact_ids.sorted("id").mapped("direction"), ["in", "out"])
        self.assertEqual(case.first_response_at, case.contact_ids.filtered(
            lambda contact: contact.direction == "out").at)
        self.assertEqual(len(ticket.message_ids), len(case.message_ids), "the ticket keeps its own")

    def test_stages_keep_their_meaning_and_their_dates(self):  # CC-3
        when = fields.Datetime.to_datetime("2026-01-05 10:00:00")
        cases = {
            name: self._create_ticket(name, closed_date=closed and when)
            for name, closed in (
                ("Doing", False), ("Awaiting", False), ("Done", True), ("Cancelled", True))}
        self.rows.action_import()
        cases = {name: self._case_of(ticket) for name, ticket in cases.items()}
        self.assertEqual(
            {name: (case.stage_kind, case.closed_at, case.resolved_at, case.close_reason)
             for name, case in cases.items()},
            {"Doing": ("open", False, False, False), "Awaiting": ("waiting", False, False, False),
             "Done": ("closed", when, when, "solved"),
             "Cancelled": ("closed", when, False, "cancelled")})

    def test_none_comes_twice_and_one_that_fails_keeps_no_other_back(self):  # CC-3
        bad = self._create_ticket(stage="Doing")
        good = self._create_ticket(stage="Doing")
        foreign = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        bad.partner_id = self._create_customer("Theirs", company_id=foreign.id)
        self.rows.action_import()
        row = self.rows.search([("ticket_ref", "=", bad.id)])
        self.assertEqual((row.state, bool(row.error)), ("failed", True))
        first = self._case_of(good)
        self.rows.action_import()
        self.assertEqual(self._case_of(good), first)
        bad.partner_id = self.writer
        row.action_retry()
        self.assertEqual(self._case_of(bad).partner_id, self.writer)

    def test_nobody_hears_of_it(self):  # CC-3
        self._create_ticket("Done")
        self.env.flush_all()
        mails = self.env["mail.mail"].sudo().search_count([])
        self.rows.action_import()
        self.env.flush_all()
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)

    def test_only_managers_import(self):  # CC-3
        with self.assertRaises(AccessError):
            self.rows.with_user(self.agent).sudo(False).action_import()

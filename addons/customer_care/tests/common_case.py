"""The cast of the service: a team, an agent, a customer who writes."""
from odoo import Command

from .common import CareCommon


class CaseCommon(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = cls.env["care.case"].sudo()
        cls.agent = cls._create_user("case_agent", "customer_care.group_customer_care_user")
        cls.team = cls.env["care.team"].sudo().create({
            "name": "Beans Service", "company_id": cls.company.id, "alias_name": "beans-service",
            "member_ids": [Command.set(cls.agent.ids)]})
        cls.writer = cls._create_customer("Writer", email="writer@example.com")

    @classmethod
    def _create_user(cls, login, *groups):
        return cls.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": login, "login": login, "email": f"{login}@example.com",
            "company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)],
            "group_ids": [Command.set([cls.env.ref(group).id for group in groups])]})

    @classmethod
    def _create_portal_user(cls, login):
        """The writer's own login, its name is its password."""
        return cls.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Writer", "login": login, "password": login,
            "partner_id": cls.writer.id, "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
            "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)]})

    @classmethod
    def _open_case(cls, partner=None, **values):
        return cls.cases.with_user(cls.agent).create({
            "name": "The grinder stopped", "partner_id": (partner or cls.writer).id,
            "team_id": cls.team.id, "company_id": cls.company.id, **values})

"""The service desk: its team, its promises, its public form, and a customer with a login.

Needs customer_care.
"""
from odoo import Command


def load(story):
    """Chapter: the team of the desk before its first case."""
    env = story.env
    team = env.ref("customer_care.care_team_main")
    manager = story.ref("user_care_manager")
    team.write({
        "name": "Mekong Coffee service", "leader_id": manager.id, "form_open": True,
        "alias_name": "service",
        "member_ids": [Command.set((story.ref("user_care_agent") | manager).ids)]})
    env["care.sla"].with_user(manager).action_create_preset()


def open_door(story):
    """The customer who wrote most may look at his cases: login and password "customer"."""
    env = story.env
    [[partner, _count], *_rest] = env["care.case"]._read_group(
        [("partner_id.email", "!=", False)], ["partner_id"], ["__count"],
        order="__count desc, partner_id", limit=1)
    user = env["res.users"].create({
        "name": partner.name, "login": "customer", "password": "customer",
        "partner_id": partner.id, "tz": "Asia/Ho_Chi_Minh", "company_id": story.company.id,
        "company_ids": [Command.set(story.company.ids)], "odoobot_state": "disabled",
        "group_ids": [Command.set(env.ref("base.group_portal").ids)]})
    story.name_records(user, ["user_customer"])

"""Sales teams and people of the house: one login per role, the role's word is the password too."""
from odoo import Command

from .company import DOMAIN

# login: name, job, core groups, addon groups (given where the addon is installed)
PEOPLE = {
    "marketer": ("Lê Mai Phương", "Marketing Specialist",
                 ("mass_mailing.group_mass_mailing_user", "mail.group_mail_template_editor",
                  "sales_team.group_sale_salesman_all_leads"),
                 ("lead_nurture.group_lead_nurture_user",)),
    "marketing_manager": ("Trần Quốc Bảo", "Head of Marketing",
                          ("mass_mailing.group_mass_mailing_user",
                           "mail.group_mail_template_editor",
                           "mass_mailing.group_mass_mailing_campaign",
                           "sales_team.group_sale_salesman_all_leads"),
                          ("lead_nurture.group_lead_nurture_manager",)),
    "inside": ("Phạm Thu Hà", "Inside Sales",
               ("sales_team.group_sale_salesman_all_leads",),
               ("sales_automation.group_sales_automation_user",)),
    "field": ("Nguyễn Đức Long", "Field Sales, Viet Nam",
              ("sales_team.group_sale_salesman", "account.group_account_invoice"),
              ("sales_automation.group_sales_automation_user",)),
    "field_th": ("Siriporn Wongsakul", "Field Sales, Thailand and export",
                 ("sales_team.group_sale_salesman", "account.group_account_invoice"),
                 ("sales_automation.group_sales_automation_user",)),
    "sales_manager": ("Võ Hoàng Nam", "Head of Sales",
                      ("sales_team.group_sale_manager", "account.group_account_invoice"),
                      ("sales_automation.group_sales_automation_manager",
                       "customer_care.group_customer_care_user",
                       "lead_nurture.group_lead_nurture_user")),
    "care_agent": ("Bùi Khánh Linh", "Customer Care",
                   ("sales_team.group_sale_salesman_all_leads",),
                   ("customer_care.group_customer_care_user",)),
    "care_manager": ("Đặng Thanh Tâm", "Head of Customer Care",
                     ("sales_team.group_sale_salesman_all_leads", "account.group_account_invoice"),
                     ("customer_care.group_customer_care_manager",)),
}
ADMIN_GROUPS = (
    "sales_team.group_sale_manager", "account.group_account_manager",
    "mass_mailing.group_mass_mailing_user", "mass_mailing.group_mass_mailing_campaign",
    "lead_nurture.group_lead_nurture_manager", "sales_automation.group_sales_automation_manager",
    "customer_care.group_customer_care_manager",
)
#: what each sees first, where the addon is installed
HOME = {
    "marketer": "lead_nurture.crm_lead_action_hot",
    "marketing_manager": "lead_nurture.nurture_scenario_action",
    "inside": "sales_automation.sales_day_action",
    "field": "sales_automation.sales_day_action",
    "field_th": "sales_automation.sales_day_action",
    "sales_manager": "sales_automation.sales_dashboard_action",
    "care_agent": "customer_care.care_case_action_mine",
    "care_manager": "customer_care.care_dashboard_action",
}
UNREAD = 3  # notices that wait for each
# xmlid suffix: name, leader, members
TEAMS = {
    "team_inside": ("Inside Sales", "sales_manager", ("inside",)),
    "team_field_vn": ("Field Sales Viet Nam", "sales_manager", ("field", "sales_manager")),
    "team_field_th": ("Field Sales Thailand & Export", "sales_manager", ("field_th",)),
}


def load(story):
    """Chapter: users, their groups, the three teams; leads are switched on."""
    env = story.env
    env.ref("base.group_user").implied_ids = [Command.link(env.ref("crm.group_use_lead").id)]
    users = env["res.users"].create([
        {"name": name, "login": login, "password": login, "function": job,
         "email": f"{login.replace('_', '.')}@{DOMAIN}", "tz": "Asia/Ho_Chi_Minh",
         "company_id": story.company.id, "group_ids": [Command.set(_groups(env, core + addon))],
         **QUIET_USER}
        for login, (name, job, core, addon) in PEOPLE.items()])
    story.name_records(users, [f"user_{login}" for login in PEOPLE])
    env.ref("base.user_admin").write({
        "name": "Phan Gia Hân", "email": f"admin@{DOMAIN}", "function": "Administrator",
        "tz": "Asia/Ho_Chi_Minh", **QUIET_USER,
        "group_ids": [Command.link(group) for group in _groups(env, ADMIN_GROUPS, base=())]})
    _load_teams(story)


QUIET_USER = {"notification_type": "inbox", "odoobot_state": "disabled", "tour_enabled": False}


def arrive(story):
    """Chapter: everybody begins on his own page, and has read his notices but the newest."""
    env = story.env
    for login, xmlid in HOME.items():
        user, home = story.ref(f"user_{login}"), env.ref(xmlid, raise_if_not_found=False)
        user.action_id = home and home.id
        notices = env["mail.notification"].search([
            ("res_partner_id", "=", user.partner_id.id), ("notification_type", "=", "inbox"),
            ("is_read", "=", False)]).sorted(lambda one: one.mail_message_id.date)
        notices[:-UNREAD].is_read = True


def _groups(env, xmlids, base=("base.group_user", "base.group_partner_manager")):
    """Ids of the groups that exist here."""
    groups = (env.ref(xmlid, raise_if_not_found=False) for xmlid in (*base, *xmlids))
    return [group.id for group in groups if group]


def _load_teams(story):
    """The installation's own team becomes Inside Sales; nobody is in two teams."""
    env = story.env
    first = env.ref("sales_team.team_sales_department")
    env["crm.team.member"].with_context(active_test=False).search([]).unlink()
    others = env["crm.team"].create([{"name": "field"}] * (len(TEAMS) - 1))
    teams = story.name_records(first | others, list(TEAMS))
    for team, (name, leader, members) in zip(teams, TEAMS.values(), strict=True):
        team.write({
            "name": name, "user_id": story.ref(f"user_{leader}").id, "use_leads": True,
            "use_opportunities": True, "company_id": story.company.id,
            "crm_team_member_ids": [Command.create({"user_id": story.ref(f"user_{login}").id})
                                    for login in members]})

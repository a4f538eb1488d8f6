from odoo import fields, models

ENFORCEMENTS = [
    ("off", "Guide only"),
    ("warn", "Warn: let it pass and note it"),
    ("block", "Block: everything must be done"),
]


class ResCompany(models.Model):
    """Settings of the playbooks."""

    _inherit = "res.company"

    sales_playbook_enforcement = fields.Selection(
        ENFORCEMENTS, "New Playbooks", default="warn", required=True,
        help="How strict a new playbook is. Existing playbooks keep theirs.",
        groups="base.group_user", prefetch="sales_automation")
    sales_playbook_automation_passes = fields.Boolean(
        "Automations May Pass", default=True,
        help="Automation rules, scheduled jobs and code that acts for the system move deals "
        "although something is missing; each is noted under Playbook Exceptions. Off: they are "
        "refused like people.",
        groups="base.group_user", prefetch="sales_automation")
    sales_playbook_import = fields.Selection(
        [("refuse", "Import nothing, name the rows"),
         ("keep", "Import all, such deals keep their stage")],
        "Import of Deals That Miss Something", default="refuse", required=True,
        help="What an import does with rows whose deal may not enter the stage in the file. "
        "\"Keep their stage\": the other columns are imported, new deals begin in the first "
        "stage, and every such row is listed.",
        groups="base.group_user", prefetch="sales_automation")

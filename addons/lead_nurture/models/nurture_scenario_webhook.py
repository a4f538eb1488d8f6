import secrets

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, consteq, email_normalize

EXAMPLE = """curl -X POST %s \\
  -H 'Content-Type: application/json' \\
  -d '{"email": "ann@example.com", "name": "Ann Lee", "key": "order-4711", "topic": "Trial"}'"""


class NurtureScenario(models.Model):
    """Lets people in whom another system names: over a secret address, a POST per person.

    The request is kept as a raw hit and read by the job that reads all hits; it becomes an event
    of the person, and the event is the occasion."""

    _inherit = "nurture.scenario"

    webhook_token = fields.Char(
        copy=False, readonly=True, groups="lead_nurture.group_lead_nurture_manager"
    )
    webhook_url = fields.Char(
        "Address", compute="_compute_webhook", groups="lead_nurture.group_lead_nurture_manager",
        help="Secret: whoever knows it can let people in.",
    )  # fmt: skip
    webhook_example = fields.Text(
        "Example", compute="_compute_webhook", groups="lead_nurture.group_lead_nurture_manager"
    )
    webhook_unknown = fields.Selection(
        [("refuse", "Are refused"), ("create", "Become a lead")],
        "People without an open lead",
        required=True,
        default="refuse",
        help="Refused ones are kept under Configuration, Hits to read, and tried again "
        "for some hours: the lead may be on its way.",
    )

    _webhook_token_uniq = models.UniqueIndex("(webhook_token) WHERE webhook_token IS NOT NULL")

    @api.model
    def _trigger_kinds(self):
        return {
            **super()._trigger_kinds(),
            "webhook": self.env._("Another system names them (webhook)"),
        }

    @api.depends("webhook_token")
    def _compute_webhook(self):
        for scenario in self:
            token = scenario.webhook_token
            scenario.webhook_url = f"{scenario.get_base_url()}/n/w/{token}" if token else False
            scenario.webhook_example = EXAMPLE % scenario.webhook_url if token else False

    @api.model_create_multi
    def create(self, vals_list):
        scenarios = super().create(vals_list)
        scenarios._ensure_webhook_token()
        return scenarios

    def write(self, vals):
        result = super().write(vals)
        if vals.get("trigger_kind") == "webhook":
            self._ensure_webhook_token()
        return result

    def action_renew_webhook_token(self):
        """The former address stops working at once."""
        self.check_access("write")
        for scenario in self:
            scenario.webhook_token = secrets.token_hex(16)

    def _ensure_webhook_token(self):
        # sudo: whoever may choose the trigger gets its address
        for scenario in self.sudo().filtered(
            lambda s: s.trigger_kind == "webhook" and not s.webhook_token
        ):
            scenario.webhook_token = secrets.token_hex(16)

    # ------------------------------------------------------------
    # KNOCKING
    # ------------------------------------------------------------

    @api.model
    def _of_webhook(self, token):
        """The scenario at a secret address, if it takes people in."""
        # index nurture_scenario_webhook_token_uniq
        scenario = self.search([("webhook_token", "=", token), ("trigger_kind", "=", "webhook")])
        if not scenario or not consteq(scenario.webhook_token, token):
            return self.browse()
        return scenario.filtered(lambda s: s.state in ("running", "paused"))

    def _keep_knock(self, told, request_info):
        """Put what was told into the inbox. A repeated key is the same event."""
        key = f"webhook:{self.id}:{told.get('key') or secrets.token_hex(8)}"
        self.env["nurture.inbox"]._push(
            "webhook", key, {**told, "scenario_id": self.id}, request_info
        )

    def _leads_of_knocks(self, told):
        """{address: the newest lead that can travel}; unknown ones become leads where wanted."""
        wanted = {}
        for knock in told:
            wanted.setdefault(email_normalize(knock["email"]), knock)
        leads = self._leads_at(wanted)
        unknown = [email for email in wanted if email and email not in leads]
        if unknown and self.webhook_unknown == "create":
            created = self._as_owner().env["crm.lead"].create(
                [self._prepare_knocking_lead_vals(wanted[email]) for email in unknown]
            )
            leads.update(zip(unknown, created, strict=True))
        found = self.env["crm.lead"].union(*leads.values())
        self.env["nurture.change"]._ensure_identified(found)
        return leads

    def _leads_at(self, addresses):
        """{address: the newest lead of it that can travel}, of those that the owner sees."""
        # index crm_lead__email_normalized_index
        leads = self._as_owner().env["crm.lead"].search(
            Domain("email_normalized", "in", [email for email in addresses if email])
            & Domain("company_id", "in", [False, self.company_id.id])
            & self._domain_at_work(),
            order="id",
        )
        return {lead.email_normalized: lead for lead in leads}

    def _prepare_knocking_lead_vals(self, told):
        return {
            "name": told.get("topic") or told.get("name") or told["email"],
            "contact_name": told.get("name"),
            "email_from": told["email"],
            "phone": told.get("phone"),
            "partner_name": told.get("company"),
            "company_id": self.company_id.id,
            "user_id": False,
            "team_id": False,
        }

    def _query_candidates_webhook(self, full, now):
        """Leads of people whom the other system has just named."""
        return self._query_candidates(
            self._domain_at_work(),
            occasion=SQL("named.occurred_at"),
            joins=SQL(
                """JOIN (SELECT n.person_id, MAX(n.occurred_at) AS occurred_at
                           FROM nurture_event n
                          WHERE n.kind = 'custom' AND n.res_model = 'nurture.scenario'
                            AND n.res_id = %s AND %s
                       GROUP BY n.person_id) named ON named.person_id = i.person_id""",
                self.id,
                self._query_is_new(full, now),
            ),
        )

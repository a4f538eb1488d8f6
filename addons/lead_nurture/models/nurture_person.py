from odoo import api, fields, models
from odoo.tools import SQL, email_normalize


class NurturePerson(models.Model):
    """One row is one human in one company, whatever the number of his leads and contacts.

    Scores, enrolments and limits are kept per person. A record belongs to a person by its
    normalised e-mail address, else (only when it has none) by its sanitised phone number. Two
    different addresses are two humans, even on one phone: offices share a switchboard. A record
    without company counts as of the only company when there is only one, and stays there when a
    second company comes.
    """

    _name = "nurture.person"
    _inherit = ["nurture.scored.mixin"]
    _description = "Person"
    _order = "id desc"
    _rec_names_search = ["name", "email_normalized", "phone_sanitized"]

    name = fields.Char(required=True)
    email_normalized = fields.Char("E-mail", readonly=True)
    phone_sanitized = fields.Char("Phone", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="set null"
    )
    lang = fields.Char("Language", help="Language code of the mails to this person.")
    tz = fields.Char("Time zone", help="Empty: the time zone of the country, else of the company.")
    country_id = fields.Many2one("res.country", "Country")
    company_id = fields.Many2one("res.company", "Company", index=True)
    active = fields.Boolean(default=True)
    identity_ids = fields.One2many("nurture.identity", "person_id", "Known as", readonly=True)
    lead_ids = fields.Many2many("crm.lead", string="Leads", compute="_compute_lead_ids")
    lead_count = fields.Integer("Lead count", compute="_compute_lead_ids")

    _email_uniq = models.UniqueIndex(
        "(email_normalized, COALESCE(company_id, 0)) WHERE email_normalized IS NOT NULL",
        "There is already a person with this e-mail address.",
    )
    _phone_idx = models.Index("(phone_sanitized) WHERE phone_sanitized IS NOT NULL")

    @api.depends("identity_ids")
    def _compute_lead_ids(self):
        identities = self.env["nurture.identity"].search(
            [("person_id", "in", self.ids), ("kind", "=", "lead")]
        )
        wanted = self.env["crm.lead"].with_context(active_test=False)
        readable = set(wanted.search([("id", "in", identities.mapped("res_id"))]).ids)
        ids_of = {}
        for identity in identities:
            if identity.res_id in readable:
                ids_of.setdefault(identity.person_id.id, []).append(identity.res_id)
        for person in self:
            person.lead_ids = ids_of.get(person.id, [])
            person.lead_count = len(ids_of.get(person.id, []))

    def write(self, vals):
        result = super().write(vals)
        if {"active", "company_id"} & vals.keys():
            # another model may judge, or none; sudo: whoever may change people
            self.env["nurture.dirty"].sudo()._push(self.ids, silent=True)
        return result

    def action_open_leads(self):
        self.ensure_one()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Leads of %s", self.name),
            "res_model": "crm.lead",
            "context": {"active_test": False, "create": False},
        }
        if len(self.lead_ids) == 1:
            return {**action, "view_mode": "form", "res_id": self.lead_ids.id}
        return {**action, "view_mode": "list,form", "domain": [("id", "in", self.lead_ids.ids)]}

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("lead_nurture.nurture_event_action")
        return {
            **action,
            "name": self.env._("Timeline of %s", self.name),
            "domain": [("person_id", "=", self.id)],
            "context": {},
        }

    # ------------------------------------------------------------
    # Finding people
    # ------------------------------------------------------------

    @api.model
    def _home_company_id(self):
        """The company of records that have none: the only one there is, else nobody's (None)."""
        companies = self.env["res.company"].sudo().search([], limit=2)  # sudo: count them all
        return companies.id if len(companies) == 1 else None

    @api.model
    def _find_or_create_by_email(self, addresses, company):
        """Persons of the e-mail `addresses` in `company`; {address as given: person or None}."""
        normal = {address: email_normalize(address) for address in addresses}
        wanted = sorted({email for email in normal.values() if email})
        if not wanted:
            return dict.fromkeys(addresses)
        self.flush_model(["email_normalized", "company_id"])
        self.env.execute_query(self._query_create_by_email(wanted, company.id))
        found = dict(self.env.execute_query(self._query_find_by_email(wanted, company.id)))
        return {
            address: self.browse(found[email]) if email else None
            for address, email in normal.items()
        }

    def _query_find_by_email(self, emails, company_id):
        # index nurture_person_email_uniq, then nurture_identity_value_uniq for former addresses
        return SQL(
            """SELECT wanted.email, COALESCE(p.id, i.person_id)
                 FROM unnest(%(emails)s::varchar[]) AS wanted(email)
            LEFT JOIN nurture_person p
                   ON p.email_normalized = wanted.email
                  AND COALESCE(p.company_id, 0) = %(company)s
            LEFT JOIN nurture_identity i
                   ON i.kind = 'email' AND i.value = wanted.email
                  AND COALESCE(i.company_id, 0) = %(company)s
                WHERE COALESCE(p.id, i.person_id) IS NOT NULL""",
            emails=emails,
            company=company_id or 0,
        )

    def _query_create_by_email(self, emails, company_id):
        return SQL(
            """INSERT INTO nurture_person
                      (name, email_normalized, company_id, active,
                       create_uid, create_date, write_uid, write_date)
               SELECT wanted.email, wanted.email, %(company)s, TRUE,
                      %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM unnest(%(emails)s::varchar[]) AS wanted(email)
                WHERE NOT EXISTS (SELECT 1 FROM (%(find)s) AS found(email, id)
                                   WHERE found.email = wanted.email)
          ON CONFLICT DO NOTHING RETURNING id""",
            emails=emails,
            company=company_id or None,
            uid=self.env.uid,
            now=fields.Datetime.now(),
            find=self._query_find_by_email(emails, company_id),
        )

    # ------------------------------------------------------------
    # Score (see nurture.scored.mixin)
    # ------------------------------------------------------------

    def _query_nurture_links(self):
        return SQL("SELECT id AS res_id, id AS person_id FROM nurture_person")

from odoo import api, fields, models
from odoo.tools import SQL

CERTAIN = 100


class NurtureIdentity(models.Model):
    """One row says that a record, a further address or a browser is a certain person.

    For records (`res_id`) the value is the address or number by which it was joined, so that a
    later change is noticed. Addresses without record (former ones, the login of the portal) still
    find the person: mail that was sent there counts for him. Rows of kind visitor are browsers.
    """

    _name = "nurture.identity"
    _description = "Identity of a person"
    _log_access = False
    _order = "id"

    person_id = fields.Many2one(
        "nurture.person", "Person", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        lambda self: [*self._identity_kinds().items()], required=True, readonly=True
    )
    value = fields.Char("Address", readonly=True, help="E-mail address or phone number.")
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    res_model = fields.Char(compute="_compute_res_model")
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    seen_at = fields.Datetime("Since", readonly=True)
    confidence = fields.Integer(
        readonly=True,
        help="Of browsers: how sure it is that this is the person, from 0 to 100. A browser that "
        "followed a link of a mail may be that of a colleague; one that logged in is his.",
    )

    _record_uniq = models.UniqueIndex("(kind, res_id) WHERE res_id IS NOT NULL")
    _value_uniq = models.UniqueIndex(
        "(value, kind, COALESCE(company_id, 0)) WHERE res_id IS NULL AND value IS NOT NULL"
    )

    @api.model
    def _identity_kinds(self):
        """Registry: what a person may be known as. A kind with records has an entry in
        `_record_models` and a `_query_source_<kind>` on nurture.join."""
        return {
            "lead": self.env._("Lead"),
            "partner": self.env._("Contact"),
            "mailing": self.env._("Mailing contact"),
            "user": self.env._("Portal login"),
            "email": self.env._("Further e-mail address"),
            "phone": self.env._("Further phone number"),
            "visitor": self.env._("Browser"),
        }

    @api.model
    def _record_models(self):
        return {
            "lead": "crm.lead",
            "partner": "res.partner",
            "mailing": "mailing.contact",
            "user": "res.users",
        }

    @api.depends("kind")
    def _compute_res_model(self):
        known = self._record_models()
        for identity in self:
            identity.res_model = known.get(identity.kind, False)

    @api.depends("kind", "value", "res_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for identity in self:
            identity.display_name = f"{labels.get(identity.kind)}: {identity.value}"

    # ------------------------------------------------------------
    # Visitors
    # ------------------------------------------------------------

    @api.model
    def _bind_visitor(self, token, person, confidence=CERTAIN):
        """Say that the browser `token` is used by `person`; True when it is his from now on.

        False: the browser is known as that of another human. It stays his, whatever the
        confidence, because a shared device proves nothing; the caller gives the browser a new
        token for this person. A repeat never lowers the confidence.
        """
        confidence = max(0, min(int(confidence), CERTAIN))
        self.flush_model()
        rows = self.env.execute_query(self._query_bind_visitor(token, person, confidence))
        self.invalidate_model(flush=False)
        return bool(rows)

    @api.model
    def _find_visitor(self, token, company):
        """The person who uses the browser `token` in `company`; empty when nobody is known."""
        return self.search(
            [("kind", "=", "visitor"), ("value", "=", token), ("company_id", "=", company.id)]
        ).person_id

    def _query_bind_visitor(self, token, person, confidence):
        # index nurture_identity_value_uniq
        return SQL(
            """INSERT INTO nurture_identity
                      (kind, value, person_id, company_id, confidence, seen_at)
               VALUES ('visitor', %(token)s, %(person)s, %(company)s, %(confidence)s, %(now)s)
          ON CONFLICT (value, kind, COALESCE(company_id, 0))
                WHERE res_id IS NULL AND value IS NOT NULL
            DO UPDATE SET confidence = GREATEST(nurture_identity.confidence, EXCLUDED.confidence)
                    WHERE nurture_identity.person_id = EXCLUDED.person_id
            RETURNING id""",
            token=token,
            person=person.id,
            company=person.company_id.id or None,
            confidence=confidence,
            now=fields.Datetime.now(),
        )

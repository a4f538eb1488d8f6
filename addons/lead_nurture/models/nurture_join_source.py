from odoo import api, fields, models
from odoo.tools import SQL


class NurtureJoin(models.AbstractModel):
    """Mailing contacts and portal logins as sources of people."""

    _inherit = "nurture.join"

    @api.model
    def _source_kinds(self):
        return [*super()._source_kinds(), "mailing", "user"]

    @api.model
    def _link_records(self, source, changed):
        new = super()._link_records(source, changed)
        if user_ids := changed.get("user"):
            self.env.execute_query(self._query_know_logins(user_ids))
        return new

    def _query_source_mailing(self):
        """Contacts of mailing lists, without our own people who read along."""
        return SQL(
            """SELECT 'mailing' AS kind, r.id AS res_id, r.email_normalized AS email,
                      NULL::varchar AS phone, COALESCE(known.company_id, %s) AS company_id,
                      NULL::int AS partner_id,
                      COALESCE(NULLIF(r.name, ''), r.email_normalized) AS name,
                      NULL::varchar AS lang, NULL::varchar AS tz, r.country_id
                 FROM mailing_contact r
            LEFT JOIN nurture_identity known ON known.kind = 'mailing' AND known.res_id = r.id
                WHERE NULLIF(r.email_normalized, '') IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM res_users u
                                    JOIN res_partner own ON own.id = u.partner_id
                                   WHERE u.share IS NOT TRUE
                                     AND own.email_normalized = r.email_normalized)""",
            self.env["nurture.person"]._home_company_id(),
        )

    def _query_source_user(self):
        """Logins of the portal: found by the address of their contact, else by the login."""
        return SQL(
            """SELECT 'user' AS kind, r.id AS res_id,
                      COALESCE(NULLIF(p.email_normalized, ''), %(login)s) AS email,
                      NULLIF(p.phone_sanitized, '') AS phone,
                      COALESCE(p.company_id, known.company_id, %(home)s) AS company_id,
                      p.id AS partner_id, COALESCE(NULLIF(p.name, ''), r.login) AS name,
                      p.lang, NULL::varchar AS tz, p.country_id
                 FROM res_users r
                 JOIN res_partner p ON p.id = r.partner_id
            LEFT JOIN nurture_identity known ON known.kind = 'user' AND known.res_id = r.id
                WHERE r.share AND r.active
                  AND COALESCE(NULLIF(p.email_normalized, ''), %(login)s) IS NOT NULL""",
            login=self._query_login_address(SQL("r.login")),
            home=self.env["nurture.person"]._home_company_id(),
        )

    def _query_login_address(self, login):
        """The login where it is an e-mail address, else NULL."""
        return SQL(
            r"CASE WHEN TRIM(%(login)s) ~ '^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+$' "
            "THEN LOWER(TRIM(%(login)s)) END",
            login=login,
        )

    def _query_know_logins(self, user_ids):
        """A login that is not the person's address finds him too, unless it is somebody's."""
        # indexes nurture_identity_record_uniq, nurture_person_email_uniq
        return SQL(
            """INSERT INTO nurture_identity (kind, value, person_id, company_id, seen_at)
               SELECT 'email', s.email, s.person_id, s.company_id, %(now)s
                 FROM (SELECT i.person_id, i.company_id, %(login)s AS email
                         FROM nurture_identity i JOIN res_users u ON u.id = i.res_id
                        WHERE i.kind = 'user' AND i.res_id = ANY(%(ids)s)) s
                WHERE s.email IS NOT NULL AND NOT (%(taken)s)
          ON CONFLICT DO NOTHING RETURNING id""",
            login=self._query_login_address(SQL("u.login")),
            taken=self._query_taken(),
            ids=list(user_ids),
            now=fields.Datetime.now(),
        )

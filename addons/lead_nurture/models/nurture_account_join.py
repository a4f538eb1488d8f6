from odoo import api, fields, models
from odoo.tools import SQL


class NurtureAccount(models.Model):
    """Places people in businesses, set by set: adopt, create by contact, create by domain, place.

    One caller at a time: the cron of nurture.change.
    """

    _inherit = "nurture.account"

    @api.model
    def _place(self, person_ids):
        """Find or make the accounts of these persons. Harmless when repeated."""
        ids = sorted({person_id for person_id in person_ids if person_id})
        if not ids:
            return
        self.env.flush_all()
        people = self._query_people(ids)
        for query in (
            self._query_adopt(people),
            self._query_create_by_partner(people),
            self._query_create_by_domain(people),
        ):
            self.env.execute_query(query)
        rows = self.env.execute_query(self._query_place(people))
        self.env["nurture.account"].invalidate_model()
        self.env["nurture.person"].invalidate_model(["account_id"])
        self.env["nurture.account.dirty"]._push({account for row in rows for account in row})

    @api.model
    def _join_twins(self, partner_ids):
        """Contacts were merged: the accounts of the merged ones become one, too."""
        rows = self.env.execute_query(self._query_join_twins(list(partner_ids)))
        if rows:
            self.env["nurture.account"].invalidate_model()
            self.env["nurture.person"].invalidate_model(["account_id"])
            twins = self.browse([row[0] for row in rows])
            twins.write({"active": False, "domain": False, "partner_id": False})
            self.env["nurture.account.dirty"]._push({account for row in rows for account in row})

    @api.model
    def _push_drifted_people(self):
        """Queue people whose account is not what it would be today."""
        self.env.flush_all()
        self.env.execute_query(self._query_push_drifted())

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_people(self, ids=None):
        """Rows (id, company_id, account_id, partner_id, partner_name, partner_domain, domain) of
        the persons (all without `ids`) who may be placed. Businesses only: not our own, not free
        mail."""
        # indexes nurture_person_pkey, res_partner_pkey
        refused = self.env["nurture.free.domain"]._not_businesses()
        return SQL(
            """(SELECT p.id, p.company_id, p.account_id, business.id AS partner_id,
                       business.name AS partner_name,
                       %(partner_domain)s AS partner_domain, %(domain)s AS domain
                  FROM nurture_person p
             LEFT JOIN res_partner contact ON contact.id = p.partner_id
             LEFT JOIN res_partner business ON business.id = contact.commercial_partner_id
                   AND business.is_company
                   AND NOT EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id = business.id)
                 WHERE p.active AND p.account_by_hand IS NOT TRUE AND %(condition)s)""",
            partner_domain=self._query_domain(SQL("business.email_normalized"), refused),
            domain=self._query_domain(SQL("p.email_normalized"), refused),
            condition=SQL("TRUE") if ids is None else SQL("p.id = ANY(%s)", ids),
        )

    def _query_domain(self, email, refused):
        domain = SQL("NULLIF(SPLIT_PART(%s, '@', 2), '')", email)
        return SQL("CASE WHEN %s <> ALL(%s::varchar[]) THEN %s END", domain, refused, domain)

    def _query_businesses(self, people):
        """One row per company contact that has no account yet, with the domain of its own
        address, else the one most of its people have."""
        return SQL(
            """(SELECT w.partner_id, w.company_id, MIN(w.partner_name) AS name,
                       COALESCE(MIN(w.partner_domain),
                                MODE() WITHIN GROUP (ORDER BY w.domain)) AS domain
                  FROM %s w
                 WHERE w.partner_id IS NOT NULL AND NOT EXISTS (
                       SELECT 1 FROM nurture_account a
                        WHERE a.partner_id = w.partner_id
                          AND COALESCE(a.company_id, 0) = COALESCE(w.company_id, 0))
              GROUP BY w.partner_id, w.company_id)""",
            people,
        )

    def _query_adopt(self, people):
        """An account that was known by its domain only turns out to be a contact's."""
        # index nurture_account_domain_uniq
        return SQL(
            """UPDATE nurture_account a SET partner_id = found.partner_id,
                      name = CASE WHEN a.name = a.domain THEN found.name ELSE a.name END
                 FROM (SELECT DISTINCT ON (b.domain, COALESCE(b.company_id, 0)) b.*
                         FROM %s b WHERE b.domain IS NOT NULL
                     ORDER BY b.domain, COALESCE(b.company_id, 0), b.partner_id) found
                WHERE a.domain = found.domain AND a.partner_id IS NULL AND a.active
                  AND COALESCE(a.company_id, 0) = COALESCE(found.company_id, 0)
            RETURNING a.id""",
            self._query_businesses(people),
        )

    def _query_create_by_partner(self, people):
        """The first business of a domain has it; another with the same domain goes without."""
        return SQL(
            """%(insert)s
               SELECT b.name, b.partner_id, b.company_id,
                      CASE WHEN ROW_NUMBER() OVER (PARTITION BY b.domain, b.company_id
                                                   ORDER BY b.partner_id) = 1
                            AND NOT EXISTS (
                                SELECT 1 FROM nurture_account taken WHERE taken.domain = b.domain
                                   AND COALESCE(taken.company_id, 0) = COALESCE(b.company_id, 0))
                           THEN b.domain END, %(log)s
                 FROM %(businesses)s b
             ORDER BY b.partner_id
            RETURNING id""",
            insert=self._query_insert(),
            businesses=self._query_businesses(people),
            log=self._query_log_values(),
        )

    def _query_create_by_domain(self, people):
        """Named as their leads name the business, else by the domain."""
        return SQL(
            """%(insert)s
               SELECT DISTINCT ON (w.domain, COALESCE(w.company_id, 0))
                      COALESCE(called.name, w.domain), NULL::int, w.company_id, w.domain, %(log)s
                 FROM %(people)s w
            LEFT JOIN LATERAL (
                      SELECT TRIM(l.partner_name) AS name FROM nurture_identity i
                        JOIN crm_lead l ON l.id = i.res_id
                       WHERE i.person_id = w.id AND i.kind = 'lead'
                         AND NULLIF(TRIM(l.partner_name), '') IS NOT NULL
                    ORDER BY l.id LIMIT 1) called ON TRUE
                WHERE w.partner_id IS NULL AND w.domain IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM nurture_account known
                                   WHERE known.domain = w.domain
                                     AND COALESCE(known.company_id, 0) = COALESCE(w.company_id, 0))
             ORDER BY w.domain, COALESCE(w.company_id, 0), called.name IS NULL, w.id
          ON CONFLICT DO NOTHING RETURNING id""",
            insert=self._query_insert(),
            people=people,
            log=self._query_log_values(),
        )

    def _query_insert(self):
        return SQL(
            """INSERT INTO nurture_account (name, partner_id, company_id, domain, active,
                                            create_uid, write_uid, create_date, write_date)"""
        )

    def _query_log_values(self):
        return SQL(
            "TRUE, %(uid)s, %(uid)s, %(now)s, %(now)s", uid=self.env.uid, now=fields.Datetime.now()
        )

    def _query_targets(self, people):
        """Rows of `people` with `target_id`: the account of the contact, else of the domain."""
        # indexes nurture_account__partner_id_index, nurture_account_domain_uniq
        return SQL(
            """(SELECT w.*, COALESCE(by_partner.id, by_domain.id) AS target_id
                  FROM %s w
             LEFT JOIN LATERAL (
                       SELECT a.id FROM nurture_account a
                        WHERE a.partner_id = w.partner_id AND a.active
                          AND COALESCE(a.company_id, 0) = COALESCE(w.company_id, 0)
                     ORDER BY a.tier_id IS NULL, a.id LIMIT 1) by_partner ON TRUE
             LEFT JOIN nurture_account by_domain ON w.partner_id IS NULL AND by_domain.active
                   AND by_domain.domain = w.domain
                   AND COALESCE(by_domain.company_id, 0) = COALESCE(w.company_id, 0))""",
            people,
        )

    def _query_place(self, people):
        return SQL(
            """UPDATE nurture_person p SET account_id = t.target_id FROM %s t
                WHERE p.id = t.id AND p.account_id IS DISTINCT FROM t.target_id
            RETURNING t.account_id, t.target_id""",
            self._query_targets(people),
        )

    def _query_push_drifted(self):
        """Who is elsewhere, and whose account does not exist yet. Archived accounts exist: they
        keep their business from being made again."""
        return SQL(
            """WITH pushed AS (
               INSERT INTO nurture_change (kind, res_id, silent)
               SELECT 'person', t.id, TRUE FROM %s t
                WHERE t.account_id IS DISTINCT FROM t.target_id
                   OR t.partner_id IS NOT NULL AND NOT EXISTS (
                      SELECT 1 FROM nurture_account a
                       WHERE a.partner_id = t.partner_id
                         AND COALESCE(a.company_id, 0) = COALESCE(t.company_id, 0))
                   OR t.partner_id IS NULL AND t.domain IS NOT NULL AND NOT EXISTS (
                      SELECT 1 FROM nurture_account a
                       WHERE a.domain = t.domain
                         AND COALESCE(a.company_id, 0) = COALESCE(t.company_id, 0))
            RETURNING 1)
               SELECT COUNT(*) FROM pushed""",
            self._query_targets(self._query_people()),
        )

    def _query_join_twins(self, partner_ids):
        """People of the later twin move to the first, or to the one with a tier."""
        # index nurture_account__partner_id_index
        return SQL(
            """WITH twins AS (
                   SELECT id, FIRST_VALUE(id) OVER (PARTITION BY partner_id, company_id
                                                    ORDER BY tier_id IS NULL, id) AS keeper
                     FROM nurture_account WHERE partner_id = ANY(%s) AND active),
               moved AS (
                   UPDATE nurture_person p SET account_id = t.keeper
                     FROM twins t WHERE p.account_id = t.id AND t.id <> t.keeper)
               SELECT id, keeper FROM twins WHERE id <> keeper""",
            partner_ids,
        )

from odoo import api, fields, models
from odoo.tools import SQL, split_every


class NurtureJoin(models.AbstractModel):
    """Joins records to persons, set by set: what each record says (source), then forget, follow,
    adopt, create, link, complete. One caller at a time: the cron of nurture.change.

    `merged` lists records that users merged into another: (kind, id, id of the one that stays).
    """

    _name = "nurture.join"
    _description = "Join of records to persons"

    @api.model
    def _sync(self, changed, silent=False, merged=()):
        """Join the records {kind: ids} to their persons, set by set. Harmless when repeated.
        Returns the ids of the persons who may have changed."""
        changed = {kind: ids for kind, ids in changed.items() if ids}
        if not changed:
            return set()
        self.env.flush_all()
        if partner_ids := changed.get("partner"):
            # a lead's address follows its contact without a write of ours to see
            rows = self.env.execute_query(self._query_leads_of_partners(partner_ids))
            changed["lead"] = sorted({*changed.get("lead", ()), *(row[0] for row in rows)})
            rows = self.env.execute_query(self._query_users_of_partners(partner_ids))
            changed["user"] = sorted({*changed.get("user", ()), *(row[0] for row in rows)})
            changed = {kind: ids for kind, ids in changed.items() if ids}
        touched = self._persons_of(changed)
        held = self._held_before(changed, merged)
        source = self._query_source(changed)
        for query in (
            self._query_forget(changed),
            self._query_follow_address(source),
            self._query_adopt_phone(source),
            self._query_create_by_email(source),
            self._query_create_by_phone(source),
        ):
            self.env.execute_query(query)
        new = self._link_records(source, changed)
        self.env.execute_query(self._query_complete(source))
        self.env["nurture.person"].invalidate_model()
        self.env["nurture.identity"].invalidate_model()
        self._merge_left_behind(held, merged)
        touched |= self._persons_of(changed)
        new_leads = [res_id for kind, res_id, is_new in new if is_new and kind == "lead"]
        for lead_ids in split_every(1000, new_leads):
            self.env["nurture.event"]._record_forms(list(lead_ids))
        self.env["nurture.dirty"]._push(touched, silent=silent)
        return touched

    @api.model
    def _link_records(self, source, changed):
        """Rows (kind, res_id, is it new) of the records that got a person, or another one."""
        return self.env.execute_query(self._query_link(source))

    @api.model
    def _persons_of(self, changed):
        """Ids of the persons that depend on the records {kind: ids}."""
        persons = set()
        for kind, ids in changed.items():
            persons.update(row[0] for row in self.env.execute_query(self._query_persons(kind, ids)))
        return persons

    @api.model
    def _source_kinds(self):
        return ["partner", "lead"]

    # ------------------------------------------------------------
    # Queries: what a record says about its person
    # ------------------------------------------------------------

    def _query_source(self, changed):
        """Rows (kind, res_id, email, phone, company_id, partner_id, name, lang, tz, country_id) of
        the records that can be joined at all."""
        parts = [
            SQL("%s AND r.id = ANY(%s)", getattr(self, f"_query_source_{kind}")(), ids)
            for kind, ids in changed.items()
        ]
        return SQL("(%s)", SQL(" UNION ALL ").join(parts))

    def _query_source_lead(self):
        return SQL(
            """SELECT 'lead' AS kind, r.id AS res_id,
                      NULLIF(r.email_normalized, '') AS email,
                      NULLIF(r.phone_sanitized, '') AS phone,
                      COALESCE(r.company_id, %s, %s) AS company_id, r.partner_id,
                      COALESCE(NULLIF(r.contact_name, ''), NULLIF(r.partner_name, ''), r.name)
                          AS name,
                      lang.code AS lang, NULL::varchar AS tz, r.country_id
                 FROM crm_lead r
            LEFT JOIN res_lang lang ON lang.id = r.lang_id
                WHERE COALESCE(NULLIF(r.email_normalized, ''), NULLIF(r.phone_sanitized, ''))
                      IS NOT NULL""",
            self._query_identity("company_id", SQL("'lead'"), SQL("r.id")),
            self.env["nurture.person"]._home_company_id(),
        )

    def _query_source_partner(self):
        """Contacts with an e-mail address, without our own people and companies."""
        return SQL(
            """SELECT 'partner' AS kind, r.id AS res_id, r.email_normalized AS email,
                      NULLIF(r.phone_sanitized, '') AS phone,
                      COALESCE(r.company_id, %s, %s) AS company_id,
                      r.id AS partner_id,
                      COALESCE(NULLIF(r.name, ''), r.email_normalized) AS name,
                      r.lang, NULL::varchar AS tz, r.country_id
                 FROM res_partner r
                WHERE NULLIF(r.email_normalized, '') IS NOT NULL AND r.active
                  AND NOT EXISTS (SELECT 1 FROM res_users u
                                   WHERE u.partner_id = r.id AND u.share IS NOT TRUE)
                  AND NOT EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id = r.id)""",
            self._query_identity("company_id", SQL("'partner'"), SQL("r.id")),
            self.env["nurture.person"]._home_company_id(),
        )

    def _query_identity(self, column, kind, res_id):
        """What is known of a record, looked up record by record: what a planner believes of a
        table that has just filled up must not turn the lookup round."""
        # index nurture_identity_record_uniq
        return SQL(
            """(SELECT known.%s FROM nurture_identity known
                 WHERE known.kind = %s AND known.res_id = %s)""",
            SQL.identifier(column),
            kind,
            res_id,
        )

    def _query_leads_of_partners(self, partner_ids):
        # index crm_lead__partner_id_index
        return SQL("SELECT id FROM crm_lead WHERE partner_id = ANY(%s)", partner_ids)

    def _query_users_of_partners(self, partner_ids):
        # index res_users__partner_id_index
        return SQL("SELECT id FROM res_users WHERE partner_id = ANY(%s)", partner_ids)

    def _query_persons(self, kind, ids):
        # indexes nurture_identity_record_uniq, nurture_person__partner_id_index
        by_identity = SQL(
            "SELECT person_id FROM nurture_identity WHERE kind = %s AND res_id = ANY(%s)", kind, ids
        )
        if kind != "partner":
            return by_identity
        return SQL(
            "%s UNION SELECT id FROM nurture_person WHERE partner_id = ANY(%s)", by_identity, ids
        )

    # ------------------------------------------------------------
    # Queries: persons and identities
    # ------------------------------------------------------------

    def _query_forget(self, changed):
        """Records that are gone, or can no longer be joined, belong to nobody."""
        claimed = SQL(" OR ").join(
            SQL("(i.kind = %s AND i.res_id = ANY(%s))", kind, ids) for kind, ids in changed.items()
        )
        return SQL(
            """DELETE FROM nurture_identity i
                WHERE (%s) AND NOT EXISTS (SELECT 1 FROM %s s
                                            WHERE s.kind = i.kind AND s.res_id = i.res_id)
            RETURNING i.person_id""",
            claimed,
            self._query_source(changed),
        )

    def _query_taken(self):
        """Condition: the address `s.email` already belongs to somebody (now or formerly)."""
        return SQL(
            """EXISTS (SELECT 1 FROM nurture_person taken
                        WHERE taken.email_normalized = s.email
                          AND COALESCE(taken.company_id, 0) = COALESCE(s.company_id, 0))
            OR EXISTS (SELECT 1 FROM nurture_identity taken
                        WHERE taken.kind = 'email' AND taken.value = s.email
                          AND COALESCE(taken.company_id, 0) = COALESCE(s.company_id, 0))"""
        )

    def _query_follow_address(self, source):
        """A person all of whose records moved to one new, free address moves with them (a typo was
        mended) and keeps the old address as a former one."""
        return SQL(
            """WITH moved AS (
                   SELECT DISTINCT ON (s.email, COALESCE(s.company_id, 0))
                          p.id, p.email_normalized AS former, p.company_id, s.email
                     FROM %(source)s s
                     JOIN nurture_identity i ON i.kind = s.kind AND i.res_id = s.res_id
                     JOIN nurture_person p ON p.id = i.person_id
                      AND COALESCE(p.company_id, 0) = COALESCE(s.company_id, 0)
                    WHERE s.email IS NOT NULL AND s.email IS DISTINCT FROM p.email_normalized
                      AND i.value IS DISTINCT FROM s.email
                      AND NOT (%(taken)s)
                      AND NOT EXISTS (
                          SELECT 1 FROM nurture_identity other
                           WHERE other.person_id = p.id AND other.res_id IS NOT NULL
                             AND NOT EXISTS (SELECT 1 FROM %(source)s same
                                              WHERE same.kind = other.kind
                                                AND same.res_id = other.res_id
                                                AND same.email = s.email))
                 ORDER BY s.email, COALESCE(s.company_id, 0), p.id),
               kept AS (
                   INSERT INTO nurture_identity (kind, value, person_id, company_id, seen_at)
                   SELECT 'email', former, id, company_id, %(now)s FROM moved
                    WHERE former IS NOT NULL
              ON CONFLICT DO NOTHING)
               UPDATE nurture_person p SET email_normalized = moved.email
                 FROM moved WHERE p.id = moved.id RETURNING p.id""",
            source=source,
            taken=self._query_taken(),
            now=fields.Datetime.now(),
        )

    def _query_adopt_phone(self, source):
        """A person known only by phone gets the first address that comes with this phone."""
        return SQL(
            """UPDATE nurture_person p SET email_normalized = adopted.email
                 FROM (SELECT DISTINCT ON (found.id) found.id, found.email
                         FROM (SELECT DISTINCT ON (s.email, COALESCE(s.company_id, 0))
                                      known.id, s.email
                                 FROM %(source)s s
                                 JOIN nurture_person known
                                   ON known.phone_sanitized = s.phone
                                  AND known.email_normalized IS NULL
                                  AND COALESCE(known.company_id, 0) = COALESCE(s.company_id, 0)
                                WHERE s.email IS NOT NULL AND NOT (%(taken)s)
                             ORDER BY s.email, COALESCE(s.company_id, 0), known.id) found
                     ORDER BY found.id, found.email) adopted
                WHERE p.id = adopted.id RETURNING p.id""",
            source=source,
            taken=self._query_taken(),
        )

    def _query_create_by_email(self, source):
        return SQL(
            """%(insert)s
               SELECT DISTINCT ON (s.email, COALESCE(s.company_id, 0)) %(values)s
                 FROM %(source)s s
                WHERE s.email IS NOT NULL AND NOT (%(taken)s)
             ORDER BY s.email, COALESCE(s.company_id, 0), s.kind DESC, s.res_id
          ON CONFLICT DO NOTHING RETURNING id""",
            insert=self._query_insert_person(),
            values=self._query_person_values(),
            source=source,
            taken=self._query_taken(),
        )

    def _query_create_by_phone(self, source):
        return SQL(
            """%(insert)s
               SELECT DISTINCT ON (s.phone, COALESCE(s.company_id, 0)) %(values)s
                 FROM %(source)s s
                WHERE s.email IS NULL AND NOT EXISTS (
                      SELECT 1 FROM nurture_person known
                       WHERE known.phone_sanitized = s.phone
                         AND COALESCE(known.company_id, 0) = COALESCE(s.company_id, 0))
                  AND NOT EXISTS (
                      SELECT 1 FROM nurture_identity known
                       WHERE known.kind = 'phone' AND known.value = s.phone
                         AND COALESCE(known.company_id, 0) = COALESCE(s.company_id, 0))
             ORDER BY s.phone, COALESCE(s.company_id, 0), s.kind DESC, s.res_id
            RETURNING id""",
            insert=self._query_insert_person(),
            values=self._query_person_values(),
            source=source,
        )

    def _query_insert_person(self):
        return SQL(
            """INSERT INTO nurture_person (name, email_normalized, phone_sanitized, company_id,
                   partner_id, lang, tz, country_id, active,
                   create_uid, write_uid, create_date, write_date)"""
        )

    def _query_person_values(self):
        return SQL(
            """s.name, s.email, s.phone, s.company_id, s.partner_id, s.lang, s.tz, s.country_id,
               TRUE, %(uid)s, %(uid)s, %(now)s, %(now)s""",
            uid=self.env.uid,
            now=fields.Datetime.now(),
        )

    def _query_link(self, source):
        """Write the identity of each record; returns (kind, res_id, is it new)."""
        # indexes nurture_person_email_uniq, nurture_identity_value_uniq, nurture_person_phone_idx
        return SQL(
            """INSERT INTO nurture_identity (kind, res_id, value, person_id, company_id, seen_at)
               SELECT s.kind, s.res_id, COALESCE(s.email, s.phone),
                      COALESCE(p.id, former.person_id, called.id, number.person_id),
                      s.company_id, %(now)s
                 FROM %(source)s s
            LEFT JOIN nurture_person p ON p.email_normalized = s.email
                  AND COALESCE(p.company_id, 0) = COALESCE(s.company_id, 0)
            LEFT JOIN nurture_identity former ON former.kind = 'email' AND former.value = s.email
                  AND COALESCE(former.company_id, 0) = COALESCE(s.company_id, 0)
            LEFT JOIN LATERAL (
                      SELECT known.id FROM nurture_person known
                       WHERE s.email IS NULL AND known.phone_sanitized = s.phone
                         AND COALESCE(known.company_id, 0) = COALESCE(s.company_id, 0)
                    ORDER BY known.id LIMIT 1) called ON TRUE
            LEFT JOIN nurture_identity number ON s.email IS NULL AND number.kind = 'phone'
                  AND number.value = s.phone
                  AND COALESCE(number.company_id, 0) = COALESCE(s.company_id, 0)
                WHERE COALESCE(p.id, former.person_id, called.id, number.person_id) IS NOT NULL
          ON CONFLICT (kind, res_id) WHERE res_id IS NOT NULL
            DO UPDATE SET person_id = EXCLUDED.person_id, value = EXCLUDED.value,
                          company_id = EXCLUDED.company_id
                    WHERE (nurture_identity.person_id, nurture_identity.value,
                           nurture_identity.company_id)
                          IS DISTINCT FROM
                          (EXCLUDED.person_id, EXCLUDED.value, EXCLUDED.company_id)
            RETURNING kind, res_id, xmax = 0 AS is_new""",
            source=source,
            now=fields.Datetime.now(),
        )

    def _query_complete(self, source):
        """Fill what a person does not say yet; a contact knows better than a lead."""
        return SQL(
            """UPDATE nurture_person p
                  SET partner_id = COALESCE(p.partner_id, known.partner_id),
                      phone_sanitized = COALESCE(p.phone_sanitized, known.phone),
                      lang = COALESCE(p.lang, known.lang), tz = COALESCE(p.tz, known.tz),
                      country_id = COALESCE(p.country_id, known.country_id)
                 FROM (SELECT DISTINCT ON (s.person_id) s.*
                         FROM (SELECT s.*, %s AS person_id FROM %s s OFFSET 0) s
                     ORDER BY s.person_id, s.kind DESC, s.res_id DESC) known
                WHERE p.id = known.person_id
                  AND (p.partner_id IS NULL AND known.partner_id IS NOT NULL
                    OR p.phone_sanitized IS NULL AND known.phone IS NOT NULL
                    OR p.lang IS NULL AND known.lang IS NOT NULL
                    OR p.tz IS NULL AND known.tz IS NOT NULL
                    OR p.country_id IS NULL AND known.country_id IS NOT NULL)
            RETURNING p.id""",
            self._query_identity("person_id", SQL("s.kind"), SQL("s.res_id")),
            source,
        )

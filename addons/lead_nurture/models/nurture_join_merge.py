from odoo import api, models
from odoo.tools import SQL


class NurtureJoin(models.AbstractModel):
    """Persons who turn out to be one human while records are joined, each with a row of
    nurture.merge: users merged their contacts or their last leads; or somebody known by phone
    only gave an address that we know."""

    _inherit = "nurture.join"

    @api.model
    def _held_before(self, changed, merged):
        """{(kind, id): person id} of the records after which a person may be left behind."""
        rows = self.env.execute_query(
            self._query_held(changed, [(kind, res_id) for kind, res_id, _into in merged])
        )
        return {(kind, res_id): person_id for kind, res_id, person_id in rows}

    @api.model
    def _merge_left_behind(self, held, merged):
        if not held:
            return
        into = {(kind, res_id): (kind, to) for kind, res_id, to in merged}
        places = {*held, *(into[record] for record in held if record in into)}
        now = self._holders(places)
        idle = self._without_records(held.values())
        pairs = {}
        for record, person_id in held.items():
            survivor = now.get(into.get(record, record))
            if not survivor or survivor == person_id or person_id in pairs:
                continue
            kind = record[0] if record in into else "phone"
            if kind == "partner" or person_id in idle:
                pairs[person_id] = (survivor, kind)
        merges, persons = self.env["nurture.merge"], self.env["nurture.person"]
        for person_id, (survivor, reason) in pairs.items():
            # merged meanwhile: its records went to the same survivor
            absorbed = persons.browse(person_id).exists()
            if absorbed and not absorbed.merged_into_id:
                merges._merge(persons.browse(survivor)._last_survivor(), absorbed, reason)

    @api.model
    def _holders(self, records):
        by_kind = {}
        for kind, res_id in records:
            by_kind.setdefault(kind, []).append(res_id)
        return {
            (kind, res_id): person_id
            for kind, ids in by_kind.items()
            for res_id, person_id in self.env.execute_query(self._query_holders(kind, ids))
        }

    @api.model
    def _without_records(self, person_ids):
        """Those of these persons to whom no record points any more."""
        return {row[0] for row in self.env.execute_query(self._query_idle(list(person_ids)))}

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_held(self, changed, merged):
        """Records of persons without address, and the merged records."""
        # index nurture_identity_record_uniq
        claimed = SQL(" OR ").join(
            SQL("(i.kind = %s AND i.res_id = ANY(%s))", kind, ids) for kind, ids in changed.items()
        )
        return SQL(
            """SELECT i.kind, i.res_id, i.person_id
                 FROM nurture_identity i JOIN nurture_person p ON p.id = i.person_id
                WHERE (%s) AND (p.email_normalized IS NULL OR (i.kind, i.res_id) IN (
                      SELECT * FROM unnest(%s::varchar[], %s::int[])))
             ORDER BY i.kind DESC, i.res_id""",
            claimed,
            [kind for kind, _res_id in merged],
            [res_id for _kind, res_id in merged],
        )

    def _query_holders(self, kind, ids):
        return SQL(
            "SELECT res_id, person_id FROM nurture_identity WHERE kind = %s AND res_id = ANY(%s)",
            kind,
            ids,
        )

    def _query_idle(self, person_ids):
        # index nurture_identity__person_id_index
        return SQL(
            """SELECT p.id FROM nurture_person p
                WHERE p.id = ANY(%s) AND NOT EXISTS (
                      SELECT 1 FROM nurture_identity i
                       WHERE i.person_id = p.id AND i.res_id IS NOT NULL)""",
            person_ids,
        )

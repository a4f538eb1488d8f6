from odoo import api, fields, models
from odoo.tools import SQL


class NurtureScenario(models.Model):
    """Lets people in when something happens: a page, a form, a mail, a purchase, an event, a
    survey … Machines do not count, unless the scenario says that doubtful ones do."""

    _name = "nurture.scenario"
    _inherit = ["nurture.scenario", "nurture.event.filter"]

    seen_event_id = fields.Integer(readonly=True, copy=False)

    @api.model
    def _trigger_kinds(self):
        return {
            **super()._trigger_kinds(),
            "event": self.env._("Something happens: a page, form, mail, purchase, survey …"),
        }

    def _entry_text_event(self):
        return ", ".join(self._summary_of_events()) if self.event_kind else ""

    def _reason_trigger_event(self):
        if not self.event_kind:
            return self.env._("It does not say what must happen so that people enter.")
        return False

    def _read_marks(self):
        # sudo: the newest event of all, whoever may see it
        newest = self.env["nurture.event"].sudo().search([], order="id desc", limit=1)
        return {**super()._read_marks(), "seen_event_id": newest.id}

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_candidates_event(self, full, now):
        """Leads of people who just did what is asked for, often enough."""
        return self._query_candidates(
            self._domain_at_work(),
            occasion=SQL("done.occurred_at"),
            joins=SQL(
                "JOIN (%s) done ON done.person_id = i.person_id", self._query_done(full, now)
            ),
            where=self._query_often_enough(),
        )

    def _query_done(self, full, now):
        """Rows (person_id, occurred_at): the last fitting event of each person since the pass
        before. What is recorded late, by an import or after the job was off, counts too."""
        return SQL(
            """SELECT e.person_id, MAX(e.occurred_at) AS occurred_at
                 FROM (%s) e WHERE %s GROUP BY e.person_id""",
            self._query_events(self._query_is_new(full, now), SQL("0::float8")),
            self._query_match(),
        )

    def _query_is_new(self, full, now):
        """Condition: the event `n` came since the pass before."""
        # the latest ones by nurture_event_occurred_idx (brin), those recorded late by the key
        new = SQL("n.id > %s", self.seen_event_id or 0)
        if full:
            lately = SQL("n.occurred_at >= %s", self._memory_since(now))
            new = SQL("(%s OR %s)", lately, new) if self.seen_event_id else lately
        return SQL("%s AND n.occurred_at >= %s", new, self.enrol_since or now)

    def _query_events(self, where, age):
        """Events as the filter wants to see them, without those of machines and of other
        companies."""
        return SQL(
            """SELECT n.person_id, n.kind, n.actor, LOWER(n.url) AS url, n.topic, n.occurred_at,
                      %(age)s AS age
                 FROM nurture_event n
                WHERE n.kind = ANY(%(kinds)s) AND n.actor <> 'machine'
                  AND COALESCE(n.company_id, %(company)s) = %(company)s AND %(where)s""",
            age=age,
            kinds=self._event_kinds_of(self.event_kind),
            company=self.company_id.id,
            where=where,
        )

    def _query_often_enough(self):
        """Condition: up to this event it happened as often as it must."""
        if self.min_count <= 1:
            return SQL("TRUE")
        what = SQL("DISTINCT e.occurred_at::date") if self.count_by == "day" else SQL("*")
        # index nurture_event_person_idx
        return SQL(
            "(SELECT COUNT(%s) FROM (%s) e WHERE %s) >= %s",
            what,
            self._query_events(
                SQL("n.person_id = i.person_id AND n.occurred_at <= done.occurred_at"),
                SQL("date_part('epoch', done.occurred_at - n.occurred_at) / 86400"),
            ),
            self._query_match(),
            self.min_count,
        )

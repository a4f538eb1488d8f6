from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.tools import SQL

PAGE = 20
# Records that hold nothing which the event does not say.
OWN_RECORDS = ("mailing.trace", "nurture.send", "nurture.enrolment", "nurture.score")


class NurtureEvent(models.Model):
    """The timeline of a person: pages of what happened, newest first, in two queries."""

    _inherit = "nurture.event"

    @api.model
    def _timeline_groups(self):
        """Registry: what the kinds of a timeline are filtered by."""
        return {
            "mail": ["mail_sent", "mail_open", "mail_click", "mail_reply", "mail_bounce",
                     "unsubscribe", "sms"],
            "web": ["page_view", "form", "download", "chat", "survey", "event_registered",
                    "event_attended"],
            "sales": ["call", "meeting", "purchase", "stage_change", "recycled"],
        }  # fmt: skip

    @api.model
    def _timeline(self, person_id, company_ids, group=None, before_id=None):
        """Rows of the events of a person in these companies, before the event `before_id`."""
        rows = self.env.execute_query_dict(
            self._query_timeline(
                person_id, company_ids, self._timeline_groups().get(group), before_id
            )
        )
        told = self._told_to_reader(rows)
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "actor", "actor_reason")
        }
        labels["band"] = dict(self.env["nurture.score"]._selection_bands())
        return [
            self._prepare_timeline_row(row, labels, (row["res_model"], row["res_id"]) in told)
            for row in rows
        ]

    @api.model
    def _told_to_reader(self, rows):
        """{(model, id)} of the records of these rows of which the reader may know: those that he
        may read himself, and those that say nothing more than the event."""
        ids_of = {}
        for row in rows:
            ids_of.setdefault(row["res_model"], set()).add(row["res_id"])
        told, asked = set(), []
        for model, ids in ids_of.items():
            if not model or model not in self.env or model in OWN_RECORDS:
                told |= {(model, res_id) for res_id in ids}
                continue
            told |= {(model, None)} & {(model, res_id) for res_id in ids}
            # not with our rights, with the reader's: sudo(False)
            records = self.env[model].sudo(False).with_context(active_test=False)
            if records.has_access("read"):
                asked.append((model, records._search([("id", "in", [*filter(None, ids)])])))
        if asked:
            told |= set(self.env.execute_query(self._query_readable(asked)))
        return told

    @api.model
    def _prepare_timeline_row(self, row, labels, told):
        """What a timeline says of an event; not what it was about unless `told`."""
        about = row["url"] or row["topic"] or ""
        if row["kind"] in ("band_up", "band_down"):
            about = self.env._("to %s", labels["band"].get(about, about))
        via = [row["scenario"], row["topic"] if row["url"] else None]
        return {
            "id": row["id"],
            "kind": row["kind"],
            "label": labels["kind"].get(row["kind"], row["kind"]),
            "at": fields.Datetime.to_string(row["occurred_at"]),
            "about": about if told else "",
            "via": " › ".join(filter(None, via)) if told else "",
            "source": row["source"] or "",
            "human": row["actor"] == engine.HUMAN,
            "by": labels["actor"][row["actor"]],
            "why": labels["actor_reason"].get(row["actor_reason"], ""),
        }

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_timeline(self, person_id, company_ids, kinds, before_id):
        """`person_id` is a number or a query."""
        # index nurture_event_person_idx, read backwards
        lang = self.env.lang or "en_US"
        return SQL(
            """SELECT e.id, e.kind, e.occurred_at, e.actor, e.actor_reason, e.source, e.topic,
                      e.url, e.res_model, e.res_id,
                      COALESCE(sc.name->>%(lang)s, sc.name->>'en_US') AS scenario
                 FROM nurture_event e
            LEFT JOIN nurture_send s ON e.res_model = 'nurture.send' AND s.id = e.res_id
            LEFT JOIN nurture_enrolment n ON e.res_model = 'nurture.enrolment' AND n.id = e.res_id
            LEFT JOIN nurture_scenario sc ON sc.id = COALESCE(s.scenario_id, n.scenario_id)
                WHERE e.person_id = (%(person)s)
                  AND (e.company_id IS NULL OR e.company_id = ANY(%(companies)s))
                  AND %(kinds)s AND %(before)s
             ORDER BY e.occurred_at DESC, e.id DESC LIMIT %(page)s""",
            lang=lang,
            person=person_id,
            companies=company_ids,
            kinds=SQL("TRUE") if kinds is None else SQL("e.kind = ANY(%s)", kinds),
            before=SQL("TRUE")
            if not before_id
            else SQL(
                """(e.occurred_at, e.id) <
                   (SELECT b.occurred_at, b.id FROM nurture_event b WHERE b.id = %s)""",
                before_id,
            ),
            page=PAGE,
        )

    def _query_readable(self, asked):
        return SQL(" UNION ALL ").join(
            SQL("(SELECT %s, r.id FROM %s r(id))", model, query.subselect())
            for model, query in asked
        )

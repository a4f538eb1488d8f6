import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import actor as engine
from odoo.exceptions import UserError
from odoo.tools import SQL

# Kinds that follow from scores and events: no rule may count them, they make nobody dirty.
DERIVED_KINDS = ("band_up", "band_down", "segment_enter", "segment_leave", "status_change")
# Kinds that happen to a person without his doing.
PASSIVE_KINDS = (*DERIVED_KINDS, "mail_sent", "mail_bounce", "sms", "stage_change", "recycled")


class NurtureEvent(models.Model):
    """One row: one person did one thing, or one thing was done to him, at one moment.

    Append-only. A key per event makes a repeat harmless. Machines are kept too, classed with the
    reason, and by default counted by nobody. Written by `_insert_events` only; the public way in
    is `log`.
    """

    _name = "nurture.event"
    _description = "Event"
    _log_access = False
    _order = "occurred_at desc, id desc"
    _rec_name = "kind"

    person_id = fields.Many2one("nurture.person", "Person", required=True, ondelete="cascade")
    kind = fields.Selection(
        lambda self: [*self._event_kinds().items()], "What", required=True, readonly=True
    )
    occurred_at = fields.Datetime("When", required=True, readonly=True)
    actor = fields.Selection(
        [("human", "Human"), ("suspect", "Perhaps a machine"), ("machine", "Machine")],
        "By",
        required=True,
        readonly=True,
        default="human",
        help="Machines are mail scanners and robots. Scores and branches count humans only, unless "
        "a rule says that it counts doubtful ones too.",
    )
    actor_reason = fields.Selection(
        [*engine.REASONS.items()], "Why", readonly=True
    )
    source = fields.Char(readonly=True, help="Where it was seen: website, mail, sales, RPC …")
    res_model = fields.Char("Record model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)
    url = fields.Char("Page or link", readonly=True, help="Kept without its query string.")
    topic = fields.Char(readonly=True)
    qty = fields.Float("Amount", readonly=True, help="An amount that belongs to the event.")
    dedup_key = fields.Char("Key", required=True, readonly=True)
    company_id = fields.Many2one("res.company", "Company", readonly=True)

    _dedup_uniq = models.UniqueIndex("(dedup_key)")
    # timeline of a person, score of a range of persons
    _person_idx = models.Index("(person_id, occurred_at)")
    # events are inserted roughly in time order: a brin index is small and enough for clean-up
    _occurred_idx = models.Index("USING brin (occurred_at)")

    @api.model
    def _event_kinds(self):
        """Registry of what can happen: {kind: label}. A new kind is one entry here."""
        _ = self.env._
        return {
            "page_view": _("Page viewed"),
            "form": _("Enquiry or form"),
            "mail_sent": _("Mail sent"),
            "mail_open": _("Mail opened"),
            "mail_click": _("Link clicked"),
            "mail_reply": _("Mail answered"),
            "mail_bounce": _("Mail bounced"),
            "unsubscribe": _("Unsubscribed"),
            "download": _("Download"),
            "meeting": _("Meeting held"),
            "call": _("Call made"),
            "purchase": _("Purchase"),
            "sms": _("Text message sent"),
            "survey": _("Survey answered"),
            "event_registered": _("Registered for an event"),
            "event_attended": _("Event attended"),
            "chat": _("Chat on the website"),
            "stage_change": _("Stage changed"),
            "band_up": _("Got warmer"),
            "band_down": _("Got cooler"),
            "segment_enter": _("Entered a segment"),
            "segment_leave": _("Left a segment"),
            "status_change": _("Status changed"),
            "recycled": _("Given back by sales"),
            "custom": _("Other"),
        }

    # ------------------------------------------------------------
    # Append-only
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Events are recorded by log(), not created."))

    def write(self, vals):
        raise UserError(self.env._("Events cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Events cannot be deleted; they leave with their person or by age.")
        )

    @api.autovacuum
    def _gc_events(self):
        """Delete what is older than the setting, oldest pages first; how many stays known."""
        kept_since = self._kept_since()
        if not kept_since:
            return 0, 0
        limit = 50_000
        rows = self.env.execute_query(self._query_gc(kept_since, limit))
        self.env["nurture.dirty"]._push([person_id for (person_id,) in rows])
        self.invalidate_model()
        self.env["nurture.event.month"].invalidate_model()
        return len(rows), int(len(rows) == limit)

    @api.model
    def _kept_since(self):
        """The moment before which events are not kept; None when all are."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        days = int(parameters.get_param("lead_nurture.event_days", 395))
        return fields.Datetime.now() - timedelta(days=days) if days > 0 else None

    # ------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------

    @api.model
    def _insert_events(self, vals_list):
        """Record events set by set; returns the really new ones.

        Each vals needs person_id, kind, occurred_at and dedup_key; the rest is optional. `agent`
        (None: nobody noted it) and `network` say by which program it was done. A known
        key is skipped without a word, and so is what is older than events are kept: it would
        leave again the same night. Persons are marked to be scored again and
        `_after_insert` is called with the new events.
        """
        if not vals_list:
            return self.browse()
        vals_list = self._assign_callers(vals_list)
        rows = self.env.execute_query(
            self._query_insert(
                [self._prepare_insert_vals(vals) for vals in vals_list], self._kept_since()
            )
        )
        events = self.browse([row[0] for row in rows])
        self.env["nurture.dirty"]._push(
            [person_id for _id, person_id, kind in rows if kind not in DERIVED_KINDS]
        )
        if events:
            self._after_insert(events)
        return events

    @api.model
    def _after_insert(self, events):
        """Hook: these events are new. Extensions wake whoever waits for them."""

    @api.model
    def _record_forms(self, lead_ids):
        """A lead that names its source came in by an enquiry: the first event of its person."""
        rows = self.env.execute_query(self._query_forms(lead_ids))
        return self._insert_events(
            [
                {
                    "person_id": person_id,
                    "kind": "form",
                    "occurred_at": created,
                    "dedup_key": f"form:crm.lead:{lead_id}",
                    "source": source or medium,
                    "res_model": "crm.lead",
                    "res_id": lead_id,
                }
                for person_id, lead_id, created, source, medium in rows
            ]
        )

    @api.model
    def _prepare_insert_vals(self, vals):
        """Bounded, JSON-ready values of one event."""
        at = fields.Datetime.to_datetime(vals["occurred_at"]).replace(microsecond=0)
        return {
            **{name: vals.get(name) for name in self._insert_columns()},
            "occurred_at": fields.Datetime.to_string(at),
            "actor": vals.get("actor") or engine.HUMAN,
            "actor_reason": vals.get("actor_reason") or None,
            "url": engine.clean_url(vals.get("url")) or None,
            "topic": (vals.get("topic") or "")[:200] or None,
            "source": (vals.get("source") or "")[:200] or None,
        }

    @api.model
    def _insert_columns(self):
        """Columns of an event that `_insert_events` takes, with their types in PostgreSQL."""
        return {
            "person_id": "int4",
            "kind": "varchar",
            "occurred_at": "timestamp",
            "actor": "varchar",
            "actor_reason": "varchar",
            "source": "varchar",
            "res_model": "varchar",
            "res_id": "int4",
            "url": "varchar",
            "topic": "varchar",
            "qty": "float8",
            "dedup_key": "varchar",
            "company_id": "int4",
        }

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_insert(self, rows, kept_since=None):
        """Known keys are left out before the insert, where each would use up an id; the conflict
        clause is for those that come in at the same moment, and keeps the first of several rows.
        """
        # index nurture_event_dedup_uniq
        columns = self._insert_columns()
        own = [name for name in columns if name != "company_id"]
        return SQL(
            """INSERT INTO nurture_event (%(names)s, company_id)
               SELECT %(values)s, COALESCE(p.company_id, x.company_id)
                 FROM jsonb_to_recordset(%(rows)s::jsonb) AS x(n int, %(types)s)
                 JOIN nurture_person p ON p.id = x.person_id
                WHERE x.occurred_at >= %(kept_since)s
                  AND NOT EXISTS (SELECT 1 FROM nurture_event known
                                   WHERE known.dedup_key = x.dedup_key)
             ORDER BY x.n
          ON CONFLICT (dedup_key) DO NOTHING
            RETURNING id, person_id, kind""",
            names=SQL(", ").join(SQL.identifier(name) for name in own),
            values=SQL(", ").join(SQL.identifier("x", name) for name in own),
            types=SQL(", ").join(
                SQL("%s %s", SQL.identifier(name), SQL.identifier(kind))
                for name, kind in columns.items()
            ),
            rows=json.dumps([{"n": number, **row} for number, row in enumerate(rows)]),
            kept_since=kept_since or SQL("'-infinity'"),
        )

    def _query_ids_of_keys(self, keys):
        # index nurture_event_dedup_uniq
        return SQL("SELECT dedup_key, id FROM nurture_event WHERE dedup_key = ANY(%s)", keys)

    def _query_forms(self, lead_ids):
        # index nurture_identity_record_uniq
        return SQL(
            """SELECT i.person_id, l.id, l.create_date, s.name, m.name
                 FROM crm_lead l
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = l.id
            LEFT JOIN utm_source s ON s.id = l.source_id
            LEFT JOIN utm_medium m ON m.id = l.medium_id
                WHERE l.id = ANY(%s) AND COALESCE(l.source_id, l.medium_id) IS NOT NULL""",
            lead_ids,
        )

    def _query_gc(self, before, limit):
        # index nurture_event_occurred_idx (brin)
        return SQL(
            """WITH gone AS (
                   DELETE FROM nurture_event WHERE id = ANY(ARRAY(
                       SELECT id FROM nurture_event WHERE occurred_at < %s LIMIT %s))
                   RETURNING person_id, occurred_at, kind, actor, company_id),
                    counted AS (%s)
               SELECT person_id FROM gone""",
            before,
            limit,
            self.env["nurture.event.month"]._query_count(SQL("gone")),
        )

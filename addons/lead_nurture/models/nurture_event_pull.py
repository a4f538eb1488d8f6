import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

BATCH = 2_000
OVERLAP = timedelta(minutes=10)  # transactions that were open while we read are read again


class NurtureEvent(models.Model):
    """Events that core already knows: read behind a watermark, never hooked into.

    A source is an entry in `_pull_models` and a `_query_pull_<name>` that gives at least one row
    for each record of the batch, in the order of the marks: mark_at and mark_id (how far we are
    then), person_id and kind (either empty: no event), and the other values of an event. A
    `_class_pulled_<name>` says of the rows who made them, where that is not plain.
    """

    _inherit = "nurture.event"

    def init(self):
        super().init()
        self._ensure_pull_indexes()

    @api.model
    def _pull_models(self):
        """Registry of what is read: {name: the model that must be installed}."""
        return {}

    @api.model
    def _query_indexes(self):
        """{table: definition} of the indexes by which a source is read, on tables of core. They
        are made where the table is, at the latest by the cron: a module may come after us."""
        return {}

    @api.model
    def _pull_sources(self):
        return [name for name, model in self._pull_models().items() if model in self.env]

    @api.model
    def _ensure_pull_indexes(self):
        wanted = self._query_indexes()
        rows = self.env.execute_query(self._query_missing_indexes([*wanted]))
        for (table,) in rows:
            self.env.cr.execute(self._query_make_index(table, wanted[table]))

    @api.model
    def _cron_pull_events(self):
        if not self._may_pull():
            return
        self._ensure_pull_indexes()
        cron = self.env["ir.cron"]
        for name in self._pull_sources():
            while done := self._try_pull_batch(name):
                if not cron._commit_progress(done, remaining=BATCH):
                    return
        cron._commit_progress(remaining=0)

    @api.model
    def _may_pull(self):
        """What is read is read once: not before its people are joined, at first and each night."""
        people, changes = self.env["nurture.identity"], self.env["nurture.change"]
        joining = changes.search_count([("silent", "=", True)], limit=1)
        return bool(not joining and people.search_count([], limit=1))

    @api.model
    def _try_pull_batch(self, name):
        """A source that cannot be read keeps its error and its mark, and holds up no other."""
        try:
            with self.env.cr.savepoint():
                return self._pull_batch(name)
        except CONFLICTS:
            raise  # not the fault of the source: the whole run is repeated
        except Exception as error:  # whatever another module made of its table
            self.env.invalidate_all(flush=False)
            _logger.exception("events of the source %s cannot be read", name)
            self.env["nurture.watermark"]._write_error(name, f"{type(error).__name__}: {error}")
            return 0

    @api.model
    def _pull_batch(self, name):
        """Read one batch of a source; how many rows were read. 0 also moves the mark back by the
        overlap for the next run."""
        marks = self.env["nurture.watermark"]
        at, last_id = marks._read_mark(name)
        self.env.flush_all()
        query = getattr(self, f"_query_pull_{name}")(at, last_id, self._kept_since())
        rows = self.env.execute_query_dict(query)
        if not rows:
            overlapped = fields.Datetime.now() - OVERLAP
            if at is None or at > overlapped:
                at, last_id = overlapped, 0
            marks._write_mark(name, at, last_id)
            return 0
        found = [row for row in rows if row["person_id"] and row["kind"]]
        if found and (judge := getattr(self, f"_class_pulled_{name}", None)):
            judge(found)
        self._insert_events(found)
        marks._write_mark(name, rows[-1]["mark_at"], rows[-1]["mark_id"])
        return len(rows)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_missing_indexes(self, tables):
        return SQL(
            """SELECT name FROM unnest(%s::varchar[]) name
                WHERE to_regclass(name) IS NOT NULL
                  AND to_regclass(name || '_nurture_pull_idx') IS NULL""",
            tables,
        )

    def _query_make_index(self, table, definition):
        return SQL(
            "CREATE INDEX IF NOT EXISTS %s ON %s %s",
            SQL.identifier(f"{table}_nurture_pull_idx"),
            SQL.identifier(table),
            definition,
        )

    def _query_drop_indexes(self):
        """Core does not know whose these are; they leave with the addon."""
        return SQL(
            "DROP INDEX IF EXISTS %s",
            SQL(", ").join(
                SQL.identifier(f"{table}_nurture_pull_idx") for table in self._query_indexes()
            ),
        )

    def _query_after(self, alias, at, last_id, kept_since, column="write_date"):
        """Condition: the record was written after the mark, and not before events are kept."""
        return SQL(
            "(%s, %s) > (%s, %s)",
            SQL.identifier(alias, column),
            SQL.identifier(alias, "id"),
            max(filter(None, (at, kept_since)), default=SQL("'-infinity'::timestamp")),
            last_id,
        )

    def _query_kept(self, moment, kept_since):
        """Condition: what happened at `moment` is young enough to be kept."""
        return SQL("%s >= %s", moment, kept_since) if kept_since else SQL("TRUE")

    def _query_known(self, model, res_id):
        """The person of a record (both are expressions); NULL when it has none."""
        # index nurture_identity_record_uniq
        return SQL(
            """(SELECT i.person_id FROM nurture_identity i
                 WHERE i.kind = CASE %s %s END AND i.res_id = %s)""",
            model,
            SQL(" ").join(
                SQL("WHEN %s THEN %s", name, kind)
                for kind, name in self.env["nurture.identity"]._record_models().items()
            ),
            res_id,
        )

    def _query_at_address(self, email, company):
        """The person at an address in a company (both are expressions): his own, else a shared
        one, else the one who had it formerly."""
        # indexes nurture_person_email_uniq, nurture_identity_value_uniq
        return SQL(
            """COALESCE((SELECT p.id FROM nurture_person p
                          WHERE p.email_normalized = %(email)s
                            AND COALESCE(p.company_id, 0) IN (%(company)s, 0)
                       ORDER BY COALESCE(p.company_id, 0) DESC LIMIT 1),
                        (SELECT i.person_id FROM nurture_identity i
                          WHERE i.kind = 'email' AND i.value = %(email)s AND i.res_id IS NULL
                            AND COALESCE(i.company_id, 0) IN (%(company)s, 0)
                       ORDER BY COALESCE(i.company_id, 0) DESC LIMIT 1))""",
            email=email,
            company=SQL(
                "COALESCE(%s, %s, 0)", company, self.env["nurture.person"]._home_company_id()
            ),
        )

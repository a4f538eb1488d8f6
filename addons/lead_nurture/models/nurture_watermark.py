import logging

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class NurtureWatermark(models.Model):
    """One row per source of events, or other work that walks over records: how far it came."""

    _name = "nurture.watermark"
    _description = "How far a source was read"
    _log_access = False

    name = fields.Char(required=True)
    at = fields.Datetime()
    last_id = fields.Integer()
    error = fields.Char(help="Why it could not go on; it is tried again at the next run.")

    _name_uniq = models.UniqueIndex("(name)")

    @api.model
    def _read_mark(self, name):
        """(moment, id) up to which the source was read; (None, 0) at the beginning."""
        mark = self.search([("name", "=", name)])
        return (mark.at or None, mark.last_id)

    @api.model
    def _write_mark(self, name, at, last_id):
        self.env.execute_query(self._query_write(name, at, last_id))
        self.invalidate_model()

    @api.model
    def _write_error(self, name, message):
        """Keep why a source could not be read; the next mark clears it."""
        self.env.execute_query(self._query_write_error(name, message[:500]))
        self.invalidate_model()

    @api.model
    def _drop_mark(self, name):
        """Forget the mark of a work that is done."""
        self.search([("name", "=", name)]).unlink()

    @api.model
    def _move_back(self, until):
        """Read what was written after `until` once more; keys make repeats harmless. Sources that
        have not come so far yet, or were never read, go on where they are."""
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(self._query_move_back(until), log_exceptions=False)
        except CONFLICTS:
            _logger.info("sources are being read right now; they are read again next night")
        self.invalidate_model(flush=False)

    def _query_write(self, name, at, last_id):
        return SQL(
            """INSERT INTO nurture_watermark (name, at, last_id) VALUES (%s, %s, %s)
          ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at, last_id = EXCLUDED.last_id,
                  error = NULL
            RETURNING id""",
            name,
            at,
            last_id,
        )

    def _query_write_error(self, name, message):
        return SQL(
            """INSERT INTO nurture_watermark (name, last_id, error) VALUES (%s, 0, %s)
          ON CONFLICT (name) DO UPDATE SET error = EXCLUDED.error RETURNING id""",
            name,
            message,
        )

    def _query_move_back(self, until):
        return SQL("UPDATE nurture_watermark SET at = %s, last_id = 0 WHERE at > %s", until, until)

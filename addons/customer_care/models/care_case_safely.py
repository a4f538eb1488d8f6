import logging

from odoo import models

from .conflicts import CONFLICTS

_logger = logging.getLogger(__name__)


class CareCase(models.Model):
    """What the clock does to many cases at once: one of them that raises stops no other."""

    _inherit = "care.case"

    def _safely(self, deed, now) -> list:
        """What `deed(cases)` returned: of all at once, or, where that raises, of the parts that
        could be done. The case that cannot keeps its error, and is tried again.
        """
        if not self:
            return []
        self.env.flush_all()  # what is pending has nothing to do with these cases
        escalations = self.env["care.case.escalation"].sudo()  # written by the clock
        try:
            with self.env.cr.savepoint():
                done = deed(self)
                escalations._end_trouble(self)
            return [done]
        except CONFLICTS:
            raise  # somebody was faster: all of it is done again
        except Exception as error:  # of whatever kind: it stays with its case
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                _logger.warning("Deadlines of case %s failed: %s", self.id, error)
                escalations._keep_trouble(self, str(error), now)
                return []
        half = len(self) // 2
        return self[:half]._safely(deed, now) + self[half:]._safely(deed, now)

import logging

import psycopg2
from odoo import models

_logger = logging.getLogger(__name__)


class CareFeedback(models.Model):
    _inherit = "care.feedback"

    def _on_recorded(self):
        """An answer is heard at once; should it go wrong, the night hears it again."""
        super()._on_recorded()
        try:
            with self.env.cr.savepoint():
                self.env["care.voice"]._keep_feedback(self)
                self.env.flush_all()
        except psycopg2.errors.TransactionRollbackError:
            raise  # somebody was faster: the request is tried again, and sees it
        except Exception:  # an answer must never be lost for what is made of it
            self.env.invalidate_all(flush=False)
            _logger.exception("Answers %s could not be heard", self.ids)

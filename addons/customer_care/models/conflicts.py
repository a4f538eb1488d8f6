"""What becomes of work when another transaction wrote the same rows, or a part of it fails."""
import logging
from contextlib import contextmanager

from psycopg2 import errors

_logger = logging.getLogger(__name__)

#: Only a fresh transaction can do better: it goes up, to whoever repeats the whole deed.
CONFLICTS = errors.TransactionRollbackError
#: To a job that comes again by itself, a row that somebody else has just made is no fault either.
BUSY = (CONFLICTS, errors.UniqueViolation)


@contextmanager
def apart(env, words, *about):
    """What hangs on a deed and must not stop it: a fault in here is undone alone, and logged in
    these words.

    A conflict goes up, for the request or the night that begins again. Nobody begins again with a
    mail that core has fetched: there it is a fault like any other.
    """
    try:
        with env.cr.savepoint():
            yield
    except Exception as error:  # of whatever kind
        if isinstance(error, CONFLICTS) and not env.context.get("default_fetchmail_server_id"):
            raise
        env.invalidate_all(flush=False)
        _logger.exception(words, *about)

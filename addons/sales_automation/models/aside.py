"""Parts of a screen that answer one after the other, of which one may break."""

import logging

from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)


def ask(record, method, *args):
    """Return (answer of the method, False), or (None, True) when it broke; the log says why.

    The savepoint keeps a broken statement from taking the next parts with it. A conflict with
    another transaction is no break: it goes up and the framework repeats the whole call.
    """
    try:
        with record.env.cr.savepoint(flush=False):
            return getattr(record, method)(*args), False
    except OperationalError:
        raise
    except Exception:  # whatever it is, the rest of the screen is still good
        _logger.exception("%s of %s could not be read", method, record)
        return None, True

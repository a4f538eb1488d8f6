"""What a server of Odoo has logged as wrong."""
import re

ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,)", re.M)
FAULT = re.compile(r"\S+ \S+ \d+ (ERROR|CRITICAL) ")
# Two wrote one row at once, such as core's mail queue and a mail that is sent at once: PostgreSQL
# asks one of them to come again, and Odoo does. What is refused after that in the same
# transaction is its echo; any other first error of a transaction is told by an entry of its own.
DONE_AGAIN = ("could not serialize access due to concurrent", "current transaction is aborted")


def faults(text: str) -> list[str]:
    """The first line of each entry that tells an error, other than one that was done again."""
    return [
        entry.splitlines()[0] for entry in ENTRY.split(text)
        if FAULT.match(entry) and not any(words in entry for words in DONE_AGAIN)
    ]  # fmt: skip

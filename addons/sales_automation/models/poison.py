"""Batches of jobs in which one broken record must not stop the others."""

from psycopg2 import OperationalError


def work_through(records, work, refuse):
    """Work on all records at once; when that fails, on each alone.

    Core repeats a failed job at once and for ever, so nothing may be raised here: a record that
    cannot be processed is handed to `refuse` with the error, which keeps it on the row. A record
    that somebody is editing at this moment is no failure; it is left to the next run.

    :param work: called with records, inside a savepoint
    :param refuse: called with one record and the error
    """
    env = records.env
    try:
        with env.cr.savepoint():
            work(records)
            env.flush_all()
    except OperationalError:
        env.invalidate_all(flush=False)
    except Exception as error:  # whatever it is, it stays with the record
        env.invalidate_all(flush=False)
        if len(records) == 1:
            refuse(records, error)
            return
        for record in records:
            work_through(record, work, refuse)


def work_off(model, domain, work, batch):
    """Work on all records of a domain in batches of a job, until none is left or its time is up.

    The domain must leave out what was worked on, and what has a `failure`: that is where the error
    of a record that cannot be processed is kept. A record that somebody is editing waits for the
    next run.

    :param model: a model with the field `failure`, in the environment of a job
    :param work: called with records, inside a savepoint
    """
    cron = model.env["ir.cron"]
    time_left = cron._commit_progress(remaining=model.search_count(domain))
    while time_left:
        due = model.search(domain, limit=batch).try_lock_for_update()
        if not due:
            break
        work_through(due, work, lambda one, error: one.write({"failure": str(error)}))
        time_left = cron._commit_progress(len(due))

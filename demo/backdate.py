"""Move records that were just made to the day they belong to: the only place of the demo with SQL.

Core stamps creation, confirmation and tracking with the server's clock and offers no way to say
otherwise, so the rows are moved afterwards, one statement for a whole batch.
"""
from odoo.tools import SQL


def move_columns(model, values_by_id):
    """Set columns of many rows to own values: ``{id: {column: value}}``, equal keys in each.

    Bypasses computes on purpose: only dates, authors and the like may be given.
    """
    if not values_by_id:
        return
    columns = list(next(iter(values_by_id.values())))
    model.env.flush_all()
    model.env.execute_query(_query_move(model, columns, values_by_id))
    model.env.invalidate_all(flush=False)


def stamp(env, model, link, moments, extra=None):
    """Give what has just been stamped with the present another moment: ``{link id: moment}``.

    Takes every stored date-and-time column of the rows that belong to these links, and moves
    those that lie between the beginning of this transaction and now; what was moved before, and
    what is planned for later, stays. ``extra`` is one more condition on the rows.
    """
    if not moments:
        return
    env.flush_all()
    env.execute_query(_query_stamp(env, env[model], link, moments, extra or SQL("TRUE")))
    env.invalidate_all(flush=False)


def _query_stamp(env, model, link, moments, extra):
    columns = [name for name, field in model._fields.items()
               if field.type == "datetime" and field.store and field.column_type]
    begun = env.cr.now().replace(microsecond=0)
    return SQL(
        """UPDATE %(table)s AS t SET %(sets)s
             FROM (VALUES %(rows)s) AS v (id, moment)
            WHERE t.%(link)s = v.id AND %(extra)s RETURNING t.id""",
        table=SQL.identifier(model._table), link=SQL.identifier(link), extra=extra,
        sets=SQL(", ").join(
            SQL("%(c)s = CASE WHEN t.%(c)s BETWEEN %(begun)s AND timezone('UTC', clock_timestamp())"
                " THEN v.moment ELSE t.%(c)s END", c=SQL.identifier(column), begun=begun)
            for column in columns),
        rows=SQL(", ").join(
            SQL("(%s, %s::timestamp)", record_id, moment)
            for record_id, moment in moments.items()),
    )


def refresh_statistics(env, *models):
    """Let the planner know how much there is now, in these models or everywhere: it cannot learn
    it before the commit, and with an empty table's statistics one invoice took half a second."""
    env.flush_all()
    tables = [SQL.identifier(env[model]._table) for model in models]
    env.cr.execute(SQL("ANALYZE %s", SQL(", ").join(tables)))


def _query_move(model, columns, values_by_id):
    types = {column: SQL(model._fields[column].column_type[1]) for column in columns}
    return SQL(
        """UPDATE %(table)s AS t SET %(sets)s
             FROM (VALUES %(rows)s) AS v (id, %(columns)s)
            WHERE t.id = v.id RETURNING t.id""",
        table=SQL.identifier(model._table),
        columns=SQL(", ").join(SQL.identifier(column) for column in columns),
        sets=SQL(", ").join(
            SQL("%s = v.%s::%s", SQL.identifier(column), SQL.identifier(column), types[column])
            for column in columns),
        rows=SQL(", ").join(
            SQL("(%s)", SQL(", ").join(
                [SQL("%s", row_id), *(SQL("%s", values[column]) for column in columns)]))
            for row_id, values in values_by_id.items()),
    )

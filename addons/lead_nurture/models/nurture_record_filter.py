import ast
from contextlib import contextmanager

from odoo import _, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL
from psycopg2 import DataError, ProgrammingError

MAX_DOMAIN = 4_000


class NurtureRecordFilter(models.AbstractModel):
    """Domains that people type, made safe to be run in SQL over the whole base: fixed values only,
    stored fields only, nothing that the author may not read."""

    _name = "nurture.record.filter"
    _description = "Filter on records"

    @api.model
    def _parse_domain(self, text):
        """Domains are literals, never code; relative dates are texts such as "today -7d".

        Raises ValueError with a sentence.
        """
        text = text or "[]"
        if len(text) > MAX_DOMAIN:
            raise ValueError(_("it is longer than %s characters.", MAX_DOMAIN))
        try:
            parsed = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError(_("only fixed values may stand in it.")) from error
        return Domain(parsed)

    def _fault_of_domain(self, target, text, tz="UTC", searchable=False):
        """Why the filter `text` on records of `target` cannot be used; None when it can. With
        `searchable`, fields that are not stored but know how to be searched are welcome."""
        try:
            # checks run with all rights, the author has his own: sudo(False)
            self._check_stored(target.sudo(False), self._parse_domain(text), searchable)
            # the planner knows whether it can run, without running it
            with self.env.cr.savepoint():
                self.env.execute_query(self._query_explain(target, text, tz))
        except (
            ValueError, TypeError, SyntaxError, UserError, KeyError, DataError, ProgrammingError
        ) as error:  # fmt: skip
            return str(error)
        return None

    @api.model
    def _check_stored(self, target, domain, searchable=False):
        """Refuse what would be searched in Python, and what the author may not read."""
        domain.validate(target)
        target.check_access("read")
        for condition in domain.iter_conditions():
            model = target
            for name in condition.field_expr.split("."):
                field = model._fields.get(name)
                if field is None:
                    break  # a property, or part of a date: the validation above has seen it
                label = field.get_description(self.env, ["string"])["string"]
                found = field.store or field.related or field.inherited
                if not (found or (searchable and field.search)):
                    raise ValueError(_("“%s” is not stored.", label))
                if field.company_dependent:
                    raise ValueError(_("“%s” is different in each company.", label))
                model._check_field_access(field, "read")
                if field.relational:
                    model = self.env[field.comodel_name].with_env(target.env)
                    model.check_access("read")
            if condition.operator in ("any", "not any"):
                self._check_stored(model, Domain(condition.value), searchable)

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @api.model
    @contextmanager
    def _limit_time(self, seconds):
        """No statement takes longer; what limit the transaction had before holds again afterwards.
        After an error the savepoint around it puts that back."""
        [[before]] = self.env.execute_query(self._query_time_limit())
        self.env.execute_query(self._query_limit_time(f"{seconds}s"))
        yield
        self.env.execute_query(self._query_limit_time(before))

    def _query_time_limit(self):
        return SQL("SELECT current_setting('statement_timeout')")

    def _query_limit_time(self, limit):
        return SQL("SELECT set_config('statement_timeout', %s, TRUE)", limit)

    @api.model
    def _query_condition(self, target, text, tz="UTC"):
        """The filter as a condition on the table of `target`, whose alias is the table's name; a
        filter over other tables looks at the column `scored.res_id` beside it."""
        target = target.sudo().with_context(  # sudo: it speaks of the record, not of the reader
            active_test=False, tz=tz, lang="en_US"
        )
        query = target._search(self._parse_domain(text), active_test=False, bypass_access=True)
        if query.is_empty():
            return SQL("FALSE")
        if not query.where_clause.code:
            return SQL("TRUE")
        if query.from_clause.code == SQL.identifier(target._table).code:
            return SQL("(%s)", query.where_clause)
        # joined tables: the inner table hides the outer one of the same name, hence `scored`
        return SQL(
            "EXISTS (SELECT 1 FROM %s WHERE %s AND %s = scored.res_id)",
            query.from_clause,
            query.where_clause,
            SQL.identifier(target._table, "id"),
        )

    @api.model
    def _query_explain(self, target, text, tz):
        return SQL(
            "EXPLAIN SELECT 1 FROM %(table)s CROSS JOIN LATERAL (SELECT %(id)s AS res_id) scored "
            "WHERE %(condition)s",
            table=SQL.identifier(target._table),
            id=SQL.identifier(target._table, "id"),
            condition=self._query_condition(target, text, tz),
        )

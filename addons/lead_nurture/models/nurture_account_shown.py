import operator as op

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

COMPARISONS = {"<": op.lt, ">": op.gt, "<=": op.le, ">=": op.ge}
# shown on the account: column of nurture.account.score
COLUMNS = {
    "score": "top",
    "best_score": "best",
    "scored_count": "people",
    "engaged_count": "engaged",
    "role_count": "roles",
    "last_at": "last_at",
}


class NurtureAccount(models.Model):
    """Shows the figures of the main score model on the account: read in one query per page,
    searched and sorted by a join."""

    _inherit = "nurture.account"

    score = fields.Integer(
        compute="_compute_score", search=lambda self, *args: self._search_figure("score", *args),
        aggregator="avg", help="Sum of the points of the best people; the settings say how many.",
    )  # fmt: skip
    best_score = fields.Integer("Best person", compute="_compute_score", help="In points.")
    scored_count = fields.Integer("Known people", compute="_compute_score")
    engaged_count = fields.Integer(
        "Engaged people", compute="_compute_score",
        search=lambda self, *args: self._search_figure("engaged_count", *args),
        help="People who are warm or hot.",
    )  # fmt: skip
    role_count = fields.Integer(
        "Roles", compute="_compute_score",
        search=lambda self, *args: self._search_figure("role_count", *args),
        help="Different job positions among the engaged people. A purchase is rarely decided by "
        "one person.",
    )  # fmt: skip
    last_at = fields.Datetime(
        "Last seen", compute="_compute_score", help="When somebody of them last did something."
    )
    why = fields.Char("Why this score", compute="_compute_why")

    @api.depends_context("uid")
    def _compute_score(self):
        rows = {row.pop("account_id"): row for row in self.env.execute_query_dict(
            self._query_figures_of(self._origin.ids))}  # fmt: skip
        for account in self:
            row = rows.get(account._origin.id, {})
            for name, column in COLUMNS.items():
                account[name] = row.get(column) or False

    @api.depends_context("uid", "lang")
    def _compute_why(self):
        """The people who make the score, by name."""
        best = {}
        for account_id, name, total in self.env.execute_query(self._query_best(self._origin.ids)):
            best.setdefault(account_id, []).append(f"{name} {total}")
        for account in self:
            people = best.get(account._origin.id)
            account.why = (
                self.env._("%(score)s = %(people)s", score=account.score, people=" + ".join(people))
                if people
                else self.env._("Nobody of this account has a score yet.")
            )

    def _search_figure(self, name, operator, value):
        if operator == "in":
            numbers = [int(number or 0) for number in value]
            condition = SQL("= ANY(%s)", numbers)
        elif operator in COMPARISONS:
            condition = SQL("%s %s", SQL(operator), int(value))
        else:
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s %s", model._field_to_sql(alias, name, query), condition
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Sorting and filtering by a figure: joined when wanted."""
        if field_expr not in COLUMNS:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        joined = query.make_alias(alias, "nurture_account_score")
        query.add_join(
            "LEFT JOIN",
            joined,
            SQL("(%s)", self._query_figures()),
            SQL("%s = %s", SQL.identifier(joined, "account_id"), SQL.identifier(alias, "id")),
        )
        column = SQL.identifier(joined, COLUMNS[field_expr])
        return column if field_expr == "last_at" else SQL("COALESCE(%s, 0)", column)

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_figures(self):
        """Rows of nurture.account.score by the model that is shown in its company."""
        # index nurture_account_score_account_model_uniq
        return SQL(
            "SELECT s.account_id, %s FROM nurture_account_score s WHERE %s",
            SQL(", ").join(SQL.identifier("s", column) for column in COLUMNS.values()),
            self.env["nurture.person"]._query_main_model(),
        )

    def _query_figures_of(self, ids):
        return SQL("%s AND s.account_id = ANY(%s)", self._query_figures(), list(ids))

    def _query_best(self, ids):
        scores = self.env["nurture.account.score"]
        return SQL(
            """SELECT s.account_id, s.name, s.total
                 FROM (SELECT r.*, a.company_id FROM (%s) r
                         JOIN nurture_account a ON a.id = r.account_id) s
                WHERE s.place <= %s AND s.total > 0 AND %s ORDER BY s.account_id, s.place""",
            scores._query_ranked(ids),
            scores._top(),
            self.env["nurture.person"]._query_main_model(),
        )

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

READERS = "base.group_user"


class NurtureStatusMixin(models.AbstractModel):
    """Shows the lifecycle status on a record, without a column on it: read in one query per page,
    searched, sorted and grouped by a join."""

    _name = "nurture.status.mixin"
    _inherit = ["nurture.joined.mixin"]
    _description = "Record with a lifecycle status"

    nurture_status_id = fields.Many2one(
        "nurture.status",
        "Status",
        compute="_compute_nurture_status",
        compute_sudo=True,
        search="_search_nurture_status_id",
        groups=READERS,
        help="How far the lead has come, from new to customer.",
    )
    nurture_status_since = fields.Datetime(
        "In this status since",
        compute="_compute_nurture_status",
        compute_sudo=True,
        groups=READERS,
    )

    @api.depends_context("uid")
    def _compute_nurture_status(self):
        ids = [record.id for record in self._origin if isinstance(record.id, int)]
        rows = {}
        if ids:
            found = self.env.execute_query(self._query_nurture_stays(ids))
            rows = {res_id: (status_id, since) for res_id, status_id, since in found}
        for record in self:
            status_id, since = rows.get(record._origin.id, (False, False))
            record.nurture_status_id = status_id
            record.nurture_status_since = since

    def _search_nurture_status_id(self, operator, value):
        self._check_field_access(self._fields["nurture_status_id"], "read")
        if operator == "any":
            statuses = self.env["nurture.status"].with_context(active_test=False)._search(value)
            condition = SQL("stay.status_id IN %s", statuses.subselect())
        elif operator == "in":
            condition = SQL("stay.status_id = ANY(%s)", [v for v in value if v])
        else:
            return NotImplemented
        without = operator == "in" and any(not v for v in value)
        return Domain.custom(
            to_sql=lambda model, alias, query: model._query_nurture_status_condition(
                alias, condition, without
            )
        )

    def _query_joined_status(self, alias, field_expr, query):
        joined = query.make_alias(alias, "nurture_stay")
        query.add_join(
            "LEFT JOIN",
            joined,
            SQL("(%s)", self._query_nurture_stays()),
            SQL("%s = %s", SQL.identifier(joined, "res_id"), SQL.identifier(alias, "id")),
        )
        column = "entered_at" if field_expr == "nurture_status_since" else "status_id"
        return SQL.identifier(joined, column)

    def _query_nurture_status_condition(self, alias, condition, without):
        """Records whose status meets `condition`; those that have none when `without`."""
        stays = SQL("SELECT 1 FROM (%s) stay WHERE stay.res_id = %s",
                    self._query_nurture_stays(), SQL.identifier(alias, "id"))  # fmt: skip
        found = SQL("EXISTS (%s AND %s)", stays, condition)
        return SQL("(%s OR NOT EXISTS (%s))", found, stays) if without else found

    def _query_nurture_stays(self, ids=None):
        """Rows (res_id, status_id, entered_at) of these records, or of all."""
        raise NotImplementedError

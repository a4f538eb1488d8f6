from odoo import api, fields, models
from odoo.tools import SQL


class NurtureNodeDelta(models.Model):
    """A number of a step went up: by how much. Insert-only, written in the transaction of what it
    counts, so that lanes side by side never wait for one counter; folded into nurture.node.stat."""

    _name = "nurture.node.delta"
    _description = "News for the numbers of a step"
    _log_access = False

    # no foreign keys: counting must lock nothing
    scenario_id = fields.Integer(required=True)
    version_id = fields.Integer(required=True)
    uid = fields.Char("Step key", required=True)
    metric = fields.Char(required=True)
    value = fields.Integer(required=True)

    _scenario_idx = models.Index("(scenario_id)")

    @api.model
    def _query_counted(self, statement, counts):
        """The statement `statement`, which returns rows, with a count of those rows in the same
        breath: `counts` selects from `done` what to add: scenario, version, uid, metric, value."""
        return SQL(
            """WITH done AS (%s),
                    counted AS (INSERT INTO nurture_node_delta
                                       (scenario_id, version_id, uid, metric, value) %s
                                RETURNING 1)
               SELECT * FROM done""",
            statement,
            counts,
        )

    @api.model
    def _query_add(self, counts):
        return SQL(
            "INSERT INTO nurture_node_delta (scenario_id, version_id, uid, metric, value) %s",
            counts,
        )

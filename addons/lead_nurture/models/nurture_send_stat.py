from odoo import api, models
from odoo.tools import SQL


class NurtureSend(models.Model):
    """Messages are counted by the statement that writes them into the ledger."""

    _inherit = "nurture.send"

    @api.model
    def _query_enter(self, enrolments, node, now, **options):
        counts = SQL(
            "SELECT %s, %s, %s, 'mail', COUNT(*) FROM done HAVING COUNT(*) > 0",
            node.scenario_id.id,
            node.version_id.id,
            node.uid,
        )
        enter = super()._query_enter(enrolments, node, now, **options)
        return self.env["nurture.node.delta"]._query_counted(enter, counts)

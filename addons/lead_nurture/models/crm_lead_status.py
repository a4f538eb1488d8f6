from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

NAMED = 5


class CrmLead(models.Model):
    """The lifecycle status of a lead, shown from the table beside it, and moved by hand."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "nurture.status.mixin"]

    nurture_stay_ids = fields.One2many("nurture.stay", "lead_id", "Status history", readonly=True)

    def action_nurture_move(self):
        """Ask for the new status and the reason."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("lead_nurture.nurture_move_action"),
            "context": {"active_ids": self.ids},
        }

    @api.private
    def nurture_move(self, status, reason=None):
        """Move these leads to `status` by hand, all or none. The reader's own rights count: whoever
        may change a lead may move it."""
        self.check_access("write")
        self.invalidate_recordset(["nurture_status_id"])
        refused = [
            (lead, why) for lead in self if (why := lead.nurture_status_id._reason_not_to(status))
        ]
        if refused:
            lines = [f"{lead.display_name}: {why}" for lead, why in refused[:NAMED]]
            raise UserError(
                self.env._("These leads cannot move to “%s”; nothing was changed.", status.name)
                + "\n\n"
                + "\n".join(lines)
            )
        # sudo: the history is written by the engine alone; the right was checked above
        stays = self.env["nurture.stay"].sudo()
        return stays._move_leads(self, status, "hand", reason, self.env.user)

    # ------------------------------------------------------------
    # Merge
    # ------------------------------------------------------------

    def _merge_dependences(self, opportunities):
        """The histories of the merged leads go on with the one that stays, which keeps its own
        status; only if it has none yet does it take another's."""
        super()._merge_dependences(opportunities)
        tail = opportunities - self
        self.env.flush_all()
        for query in (
            self._query_adopt_stay(tail), self._query_close_stays(tail),
            self._query_move_to("nurture_stay", opportunities),
        ):  # fmt: skip
            self.env.cr.execute(query)
        self.env["nurture.stay"].invalidate_model(flush=False)
        self.invalidate_recordset(["nurture_status_id", "nurture_status_since"], flush=False)

    def _query_adopt_stay(self, tail):
        # index nurture_stay_open_uniq
        return SQL(
            """UPDATE nurture_stay SET lead_id = %(head)s
                WHERE id = (SELECT id FROM nurture_stay
                             WHERE lead_id = ANY(%(tail)s) AND left_at IS NULL
                          ORDER BY entered_at DESC, id DESC LIMIT 1)
                  AND NOT EXISTS (SELECT 1 FROM nurture_stay
                                   WHERE lead_id = %(head)s AND left_at IS NULL)""",
            head=self.id,
            tail=tail.ids,
        )

    def _query_close_stays(self, tail):
        # index nurture_stay_open_uniq
        return SQL(
            """UPDATE nurture_stay SET left_at = GREATEST(%s, entered_at)
                WHERE lead_id = ANY(%s) AND left_at IS NULL""",
            fields.Datetime.now(),
            tail.ids,
        )

    def _query_nurture_stays(self, ids=None):
        # index nurture_stay_open_uniq
        wanted = SQL(" AND lead_id = ANY(%s)", list(ids)) if ids is not None else SQL()
        return SQL(
            """SELECT lead_id AS res_id, status_id, entered_at
                 FROM nurture_stay WHERE left_at IS NULL%s""",
            wanted,
        )

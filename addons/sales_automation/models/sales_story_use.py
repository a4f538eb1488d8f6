from odoo import api, fields, models
from odoo.tools import SQL


class SalesStoryUse(models.Model):
    """One row per person, story, deal and day on which he opened it. Written by `_record`."""

    _name = "sales.story.use"
    _description = "Use of a Win Story"
    _order = "used_on desc, id desc"
    _rec_name = "story_id"
    _log_access = False

    story_id = fields.Many2one(
        "sales.story", required=True, readonly=True, ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", "Opened By", required=True, readonly=True, index=True)
    lead_id = fields.Many2one(
        "crm.lead", "For the Deal", readonly=True, ondelete="cascade", index="btree_not_null",
        help="Empty when the story was read in the library.")
    used_on = fields.Date("Opened On", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)

    _once_uniq = models.UniqueIndex(
        "(story_id, user_id, used_on, COALESCE(lead_id, 0))",
        "A story counts once per deal, person and day.")

    @api.model
    def _record(self, story, user, lead=None):
        self.env.execute_query(self._query_record(
            story.id, user.id, lead.id if lead else None, fields.Date.context_today(self),
            (lead and lead.company_id.id) or self.env.company.id))
        self.invalidate_model(flush=False)
        story.invalidate_recordset(["use_count"])

    @api.model
    def _merge_into(self, target, sources):
        """Carry the uses of leads that are about to be merged away; what the target has stays."""
        self.env.execute_query(self._query_merge(target.id, sources.ids))
        self.invalidate_model(flush=False)

    @api.model
    def _query_merge(self, target_id, source_ids):
        return SQL(
            """
            INSERT INTO sales_story_use (story_id, user_id, lead_id, used_on, company_id)
            SELECT story_id, user_id, %s, used_on, company_id
              FROM sales_story_use WHERE lead_id = ANY(%s)
            ON CONFLICT (story_id, user_id, used_on, COALESCE(lead_id, 0)) DO NOTHING
            RETURNING id
            """, target_id, list(source_ids))

    @api.model
    def _query_record(self, story_id, user_id, lead_id, day, company_id):
        return SQL(
            """
            INSERT INTO sales_story_use (story_id, user_id, lead_id, used_on, company_id)
            VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (story_id, user_id, used_on, COALESCE(lead_id, 0)) DO NOTHING
            RETURNING id
            """, story_id, user_id, lead_id, day, company_id)

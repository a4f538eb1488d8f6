from odoo import fields, models


class SalesStorySource(models.Model):
    """One row per story: from which deal it is, and its words before they were anonymised.

    Kept apart from the story, so that no field of a story leads a reader to the customer. Only
    the system reads it, for the author and for those who approve.
    """

    _name = "sales.story.source"
    _description = "Source of a Win Story"
    _log_access = False
    _rec_name = "story_id"

    story_id = fields.Many2one(
        "sales.story", required=True, readonly=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="set null", index=True)
    partner_id = fields.Many2one("res.partner", readonly=True, ondelete="set null")
    customer = fields.Char(readonly=True, help="The customer's name when the story was written.")
    names = fields.Json(
        readonly=True, help="Names that were taken out when the story was published.")
    originals = fields.Json(readonly=True, help="The words before they were anonymised.")
    company_id = fields.Many2one(related="story_id.company_id", store=True)

    _story_uniq = models.UniqueIndex("(story_id)", "A story has one source.")
    _lead_uniq = models.UniqueIndex(
        "(lead_id) WHERE lead_id IS NOT NULL", "There is already a story of this deal.")

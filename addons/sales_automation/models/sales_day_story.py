from odoo import fields, models

PROMPT_DAYS = 30
LIMIT = 50


class SalesDay(models.AbstractModel):
    """My day: the story of a larger win, and stories that wait for approval."""

    _inherit = "sales.day"

    def _day_sources(self):
        return {
            **super()._day_sources(),
            "stories": {"label": self.env._("Win Stories"), "icon": "fa-book", "sequence": 70},
        }

    def _day_lines_stories(self, user, now):
        return [*self._day_lines_stories_to_approve(user), *self._day_lines_stories_back(user),
                *self._day_lines_stories_to_tell(user, now)]

    def _day_lines_stories_to_approve(self, user):
        is_manager = user.has_group("sales_automation.group_sales_automation_manager")
        mine = [] if is_manager else [("team_id.user_id", "=", user.id)]
        stories = self.env["sales.story"].search(
            [("state", "=", "waiting"), ("user_id", "!=", user.id), *mine], limit=LIMIT)
        return [{
            **self._prepare_story_line(story),
            "reason": self.env._("%s has handed in this story: publish it or give it back.",
                                 story.user_id.name),
            "actions": [
                self._prepare_story_action(self.env._("Read"), "fa-book", "action_open"),
                self._prepare_story_action(self.env._("Publish"), "fa-check", "action_publish")],
        } for story in stories]

    def _day_lines_stories_back(self, user):
        stories = self.env["sales.story"].search(
            [("state", "=", "draft"), ("user_id", "=", user.id), ("review_note", "!=", False)],
            limit=LIMIT)
        return [{
            **self._prepare_story_line(story),
            "reason": self.env._("Given back: %s", story.review_note),
            "actions": [
                self._prepare_story_action(self.env._("Complete"), "fa-pencil", "action_open")],
        } for story in stories]

    def _prepare_story_line(self, story):
        return {
            "model": "sales.story", "res_id": story.id, "lead_id": False, "title": story.name,
            "subtitle": story.customer or "", "due": False, "amount": 0, "urgency": 0}

    def _prepare_story_action(self, text, icon, method):
        return {"text": text, "icon": icon, "model": "sales.story", "method": method,
                "primary": method == "action_open"}

    def _day_lines_stories_to_tell(self, user, now):
        """Larger wins of the last weeks of which nobody has told, or declined to tell.

        By the index on crm_lead.won_at.
        """
        company = self.env.company
        if not company.sales_story_prompt:
            return []
        leads = self.env["crm.lead"].with_context(active_test=False).search([
            ("user_id", "=", user.id), ("sales_outcome", "=", "won"),
            ("won_at", ">=", fields.Datetime.subtract(now, days=PROMPT_DAYS)),
            ("expected_revenue", ">=", company.sales_story_amount),
            ("company_id", "in", [company.id, False])], order="expected_revenue desc, id",
            limit=LIMIT)
        told = self.env["sales.story.source"].sudo().search(  # whether, not what
            [("lead_id", "in", leads.ids)]).lead_id
        return [{
            "model": "crm.lead", "res_id": lead.id, "lead_id": lead.id, "title": lead.name,
            "subtitle": lead.partner_id.display_name or "",
            "reason": self.env._("Won: tell the colleagues what decided it; a draft is ready."),
            "due": False, "amount": lead.expected_revenue, "urgency": 0,
            "actions": [
                {"text": self.env._("Write the Story"), "icon": "fa-book", "model": "crm.lead",
                 "method": "action_write_story", "primary": True},
                {"text": self.env._("No Story"), "icon": "fa-times", "model": "crm.lead",
                 "method": "action_skip_story"}],
        } for lead in leads if lead.id not in told.ids]

from odoo import models
from odoo.addons.sales_automation.engine import similar
from odoo.exceptions import AccessError, UserError
from odoo.tools import html2plaintext

from .amounts import tell_amount
from .moments import tell_days

SHOWN = 3
# Newer stories than these teach more; it also bounds what is read.
LOOKED_THROUGH = 500
NOTES = 5


class CrmLead(models.Model):
    """Stories: writing one from a closed deal, finding those that help with an open one."""

    _inherit = "crm.lead"

    def _deal_panel_sections(self):
        return {
            **super()._deal_panel_sections(),
            "stories": {
                "title": self.env._("Win Stories"), "icon": "fa-book", "sequence": 60},
            "voice": {
                "title": self.env._("Customer Voice"), "icon": "fa-bullhorn", "sequence": 65},
        }

    def _deal_panel_stories(self, now):
        """An open deal: what helped in similar ones. A closed deal: its own story."""
        if self.sales_outcome in ("won", "lost"):
            return self._panel_own_story()
        if self.sales_outcome != "open":
            return False
        words = {
            "product": self.env._("same product"), "industry": self.env._("same industry"),
            "band": self.env._("same size"), "tag": self.env._("same tag"),
            "country": self.env._("same country")}
        lines = [{
            "text": story.name, "detail": ", ".join(words[trait] for trait in traits),
            "icon": "fa-trophy" if story.outcome == "won" else "fa-thumbs-down",
            "tone": "success" if story.outcome == "won" else "muted",
            "method": "action_open_story", "args": [story.id],
        } for story, traits in self._find_similar_stories()]
        return bool(lines) and {"lines": lines}

    def _panel_own_story(self):
        story = self._get_own_story()
        if story.state == "skipped" or not (story or self._may_write_story()):
            return False
        hidden = story.state != "published" or story.anonymous
        if story and hidden and not story.with_env(self.env)._knows_source():
            return False
        if story:
            states = dict(story._fields["state"]._description_selection(self.env))
            return {
                "badge": {"text": states[story.state],
                          "tone": "success" if story.state == "published" else "info"},
                "lines": [{"text": story.name, "icon": "fa-book",
                           "method": "action_write_story"}]}
        return {
            "empty": self.env._("What decided this deal helps with the next one."),
            "buttons": [
                {"text": self.env._("Write the Story"), "method": "action_write_story",
                 "primary": self.sales_outcome == "won"},
                {"text": self.env._("No Story"), "method": "action_skip_story"}]}

    def _deal_panel_voice(self, now):
        """What this customer said on the deal, newest first, and the button to note more."""
        voices = self.env["sales.voice"].search([("lead_id", "=", self.id)], limit=5)
        states = dict(voices._fields["state"]._description_selection(self.env))
        return {
            "folded": not voices,
            "lines": [{
                "text": voice.display_name, "detail": states[voice.state],
                "icon": "fa-exclamation-triangle" if voice.is_safety else "fa-bullhorn",
                "tone": "danger" if voice.is_safety else "muted",
                "user": {"id": voice.user_id.id, "name": voice.user_id.name},
                "action": {
                    "type": "ir.actions.act_window", "res_model": "sales.voice",
                    "res_id": voice.id, "views": [(False, "form")], "target": "current"},
            } for voice in voices],
            "buttons": [{"text": self.env._("Customer Said …"), "method": "action_add_voice"}],
        }

    # ---- actions ------------------------------------------------------------------------------

    def action_open_story(self, story_id):
        """Open a story that helps with this deal; that it was opened counts."""
        self.ensure_one()
        self.check_access("read")
        story = self.env["sales.story"].browse(int(story_id))
        story.check_access("read")
        story._count_use(self)
        return story._open(self)

    def action_write_story(self):
        """Open the deal's story; a new one is drafted from what is known."""
        self.ensure_one()
        story = self._get_own_story()
        if not story:
            self._check_may_write_story()
            story = self._create_story()
        story = story.with_env(self.env)
        if not story.has_access("read") or (not story._knows_source() and story.anonymous):
            raise UserError(self.env._(
                "%s is telling the story of this deal.", story.sudo().user_id.name))  # a name
        return story._open(self)

    def action_skip_story(self):
        """Of this deal nobody wants to tell: the prompt goes and does not come back."""
        for lead in self:
            lead._check_may_write_story()
            if not lead._get_own_story():
                lead._create_story().state = "skipped"
        return True

    # ---- business -----------------------------------------------------------------------------

    def _get_own_story(self):
        source = self.env["sales.story.source"].sudo().search(  # the callers decide who sees what
            [("lead_id", "=", self.id)], limit=1)
        return source.story_id

    def _may_write_story(self):
        return self.sales_outcome in ("won", "lost") and self.has_access("write")

    def _check_may_write_story(self):
        if self.sales_outcome not in ("won", "lost"):
            raise UserError(self.env._("A story is told of a deal that was won or lost."))
        if not self.has_access("write"):
            raise AccessError(self.env._("Only whoever works on the deal tells its story."))

    def _create_story(self):
        """Create the story and its source; the deal's facts are the first draft."""
        lead = self.sudo()  # the draft holds what the deal's own people know
        story = lead.env["sales.story"].create({
            **lead._prepare_story_vals(), "user_id": self.env.uid,
            "team_id": lead.team_id.id,
            "company_id": (lead.company_id or self.env.company).id})
        lead.env["sales.story.source"].create({
            "story_id": story.id, "lead_id": lead.id, "partner_id": lead.partner_id.id,
            "customer": lead.partner_id.commercial_partner_id.name or lead.partner_name
            or lead.contact_name})
        return story

    def _prepare_story_vals(self):
        house = self.partner_id.commercial_partner_id
        handoff = self.handoff_ids.filtered("need")[:1]
        closed_at = self.won_at or self.lost_at
        days = (closed_at - self.create_date).days if closed_at else 0
        reason = self.lost_reason_id.name if self.sales_outcome == "lost" else False
        return {
            "name": self.name, "outcome": self.sales_outcome,
            "problem": handoff.need or html2plaintext(self.description or "").strip(),
            "approach": self._tell_story_path(days), "objections": self._tell_last_notes(),
            "reason": reason, "duration_days": max(0, days),
            "product_tmpl_ids": self._get_story_products().ids, "tag_ids": self.tag_ids.ids,
            "industry_id": house.industry_id.id,
            "country_id": (house.country_id or self.country_id).id,
            "amount_band": self._get_amount_band(),
        }

    def _tell_story_path(self, days):
        """The way of the deal in one paragraph: stages, days, quotes, meetings, people."""
        stays = self.stage_history_ids.filtered(lambda stay: not stay.is_merged).sorted(
            lambda stay: (stay.entered_at, stay.id))
        stages = [f"{stay.stage_id.name} ({stay.duration})" if stay.duration
                  else stay.stage_id.name for stay in stays if stay.stage_id]
        return self.env._(
            "%(days)s. %(stages)s. Quotations: %(quotes)s, meetings: %(meetings)s.",
            days=tell_days(self.env, days), stages=" → ".join(stages), quotes=len(self.order_ids),
            meetings=len(self.calendar_event_ids))

    def _tell_last_notes(self):
        """What was noted when activities were done: objections stand there, if anywhere."""
        activities = self.env["mail.activity"].with_context(active_test=False).search([
            ("res_model", "=", "crm.lead"), ("res_id", "=", self.id), ("active", "=", False),
            ("feedback", "not in", (False, ""))], order="date_done desc, id desc", limit=NOTES)
        return "\n".join(activities.mapped("feedback"))

    def _get_story_products(self):
        orders = self.order_ids.filtered(lambda order: order.state != "cancel")
        return orders.order_line.product_id.product_tmpl_id

    def _get_amount_band(self):
        """The deal's amount as a band in words."""
        company = self.company_id or self.env.company
        low, high = similar.band_of(self.expected_revenue, company._get_story_limits())

        def tell(amount):
            return tell_amount(self.env, amount, company.currency_id)

        if low is None and high is None:
            return False
        if low is None:
            return self.env._("under %s", tell(high))
        if high is None:
            return self.env._("%s and more", tell(low))
        return f"{tell(low)} – {tell(high)}"

    def _find_similar_stories(self, limit=SHOWN):
        """Return [(story, shared traits)] of published stories, the most alike first.

        The stories and their links are read at once, whatever their number.
        """
        self.ensure_one()
        stories = self.env["sales.story"].search_fetch(
            [("state", "=", "published"), ("company_id", "in", self._get_story_companies())],
            ["name", "outcome", "industry_id", "country_id", "amount_band",
             "product_tmpl_ids", "tag_ids"], limit=LOOKED_THROUGH)
        if not stories:
            return []
        lead = self.sudo()  # products of quotations, for whoever reads the deal
        house = lead.partner_id.commercial_partner_id
        traits = similar.Traits(
            industry=house.industry_id.id, country=(house.country_id or lead.country_id).id,
            band=lead._get_amount_band() if lead.expected_revenue else None,
            products=frozenset(lead._get_story_products().ids),
            tags=frozenset(lead.tag_ids.ids))
        ranked = similar.rank(traits, [
            (story.id, similar.Traits(
                story.industry_id.id, story.country_id.id, story.amount_band,
                frozenset(story.product_tmpl_ids.ids), frozenset(story.tag_ids.ids)))
            for story in stories], limit)
        return [(stories.browse(story_id), shared) for story_id, _points, shared in ranked]

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        sources = self.env["sales.story.source"].sudo().search(  # they go with the lead
            [("lead_id", "in", opportunities.ids)], limit=1)
        if not self._get_own_story():
            sources.lead_id = self
        uses = self.env["sales.story.use"].sudo()  # they go with the lead
        uses._merge_into(self, opportunities)
        return result

    def _get_story_companies(self):
        return (self.company_id or self.env.company).ids

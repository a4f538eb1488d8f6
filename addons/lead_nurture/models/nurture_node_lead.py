from odoo import fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome


class NurtureNode(models.Model):
    """Steps that move a lead about in CRM: its tags, its stage, whose it is. They write as the
    owner of the scenario would, and only leads that are not so already."""

    _inherit = "nurture.node"

    tag_mode = fields.Selection(
        [("add", "Add"), ("remove", "Take off")], "What to do", default="add", required=True
    )
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    stage_id = fields.Many2one(
        "crm.stage", "Stage", ondelete="restrict",
        help="The lead keeps its stage when this one belongs to another team.",
    )  # fmt: skip
    assign_only_free = fields.Boolean(
        "Only leads nobody has", default=True,
        help="A lead that somebody works on stays with that person.",
    )  # fmt: skip

    def _node_kinds(self):
        _ = self.env._
        action = {"group": "action", "exits": ("next",)}
        return {
            **super()._node_kinds(),
            "tag": {**action, "label": _("Add or take off tags"), "icon": "fa-tags",
                    "help": _("Mark the lead for filters and reports.")},
            "stage": {**action, "label": _("Move to a stage"), "icon": "fa-columns",
                      "help": _("Put the lead into a column of the pipeline.")},
            "assign": {**action, "label": _("Give to a team or person"), "icon": "fa-user-plus",
                       "help": _("Say who is in charge, without planning anything.")},
        }  # fmt: skip

    # ------------------------------------------------------------
    # TAGS
    # ------------------------------------------------------------

    def _run_node_tag(self, enrolments, now):
        leads = enrolments._leads_as_owner()
        if self.tag_mode == "add":
            command, leads = fields.Command.link, leads.filtered(lambda l: self.tag_ids - l.tag_ids)
        else:
            command, leads = (
                fields.Command.unlink, leads.filtered(lambda l: self.tag_ids & l.tag_ids)
            )
        leads.write({"tag_ids": [command(tag.id) for tag in self.tag_ids]})
        return dict.fromkeys(enrolments, Outcome.go())

    def _summary_node_tag(self):
        sign = "+" if self.tag_mode == "add" else "−"
        return ", ".join(f"{sign} {tag.name}" for tag in self.tag_ids)

    def _problem_node_tag(self):
        return not self.tag_ids and self.env._("“%s” does not say which tags.", self.name)

    # ------------------------------------------------------------
    # STAGE
    # ------------------------------------------------------------

    def _run_node_stage(self, enrolments, now):
        """Stages are for opportunities; a lead that is none yet has no place in the pipeline."""
        fit = enrolments._leads_as_owner().filtered(self._takes_stage)
        fit.filtered(lambda l: l.stage_id != self.stage_id).write({"stage_id": self.stage_id.id})
        return {
            enrolment: Outcome.go(result="done" if enrolment.lead_id.id in fit.ids else "no stage")
            for enrolment in enrolments
        }

    def _takes_stage(self, lead):
        teams = self.stage_id.team_ids
        return lead.type == "opportunity" and (not teams or lead.team_id in teams)

    def _summary_node_stage(self):
        return self.stage_id.name or ""

    def _problem_node_stage(self):
        if not self.stage_id:
            return self.env._("“%s” does not say which stage.", self.name)
        if self.stage_id.is_won:
            return self.env._(
                "“%s” would win deals. A deal is won by the people who made it.", self.name
            )
        return False

    # ------------------------------------------------------------
    # OWNER
    # ------------------------------------------------------------

    def _run_node_assign(self, enrolments, now):
        leads = enrolments._leads_as_owner()
        free = leads.filtered(lambda l: not (l.user_id and self.assign_only_free))
        free.filtered(self._goes_elsewhere).write(self._prepare_assign_vals())
        return {
            enrolment: Outcome.go(result="done" if enrolment.lead_id.id in free.ids else "kept")
            for enrolment in enrolments
        }

    def _goes_elsewhere(self, lead):
        team = self.team_id and lead.team_id != self.team_id
        return team or lead.user_id != self.user_id

    def _prepare_assign_vals(self):
        """A team alone: the team's own assignment, or its routing, gives the lead to somebody."""
        vals = {"user_id": self.user_id.id}
        if self.team_id:
            vals["team_id"] = self.team_id.id
        return vals

    def _summary_node_assign(self):
        return self.user_id.name or self.team_id.name or ""

    def _problem_node_assign(self):
        if not (self.user_id or self.team_id):
            return self.env._("“%s” does not say to whom.", self.name)
        if self.team_id.company_id and self.team_id.company_id != self.company_id:
            return self.env._("“%s” names a team of another company.", self.name)
        return False

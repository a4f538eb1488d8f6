from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .moments import tell_moment

# What a version consists of, beside its groups of rules. Name, order and company are the model's.
CONTENT_FIELDS = (
    "tz", "total_cap", "warm_at", "hot_at", "hysteresis", "grade_a_at", "grade_b_at", "grade_c_at",
)  # fmt: skip
NEVER = datetime.min


class NurtureScoreModel(models.Model):
    """Versions: a row with a parent is a draft or a former content of that score model.

    The model itself keeps its id, so scores stay attached. Publishing a draft swaps contents: the
    model gets the groups and limits of the draft, and the draft's row becomes the archive of what
    was there before, with its number, its dates and who published it.
    """

    _inherit = "nurture.score.model"

    parent_id = fields.Many2one(
        "nurture.score.model", "Version of", readonly=True, copy=False, index="btree_not_null",
        ondelete="cascade",
    )  # fmt: skip
    version_ids = fields.One2many(
        "nurture.score.model", "parent_id", "Former versions", readonly=True,
        domain=[("state", "=", "archived")],
    )  # fmt: skip
    draft_id = fields.Many2one(
        "nurture.score.model", "Open draft", compute="_compute_draft_id", compute_sudo=True
    )
    is_shown = fields.Boolean(
        "Shown on leads", compute="_compute_is_shown", search="_search_is_shown",
        help="The score of this model stands on leads and contacts of some company.",
    )  # fmt: skip
    version = fields.Integer(readonly=True, copy=False, help="Counted up by each publication.")
    based_on = fields.Integer(
        "Made from version", readonly=True, copy=False,
        help="The version that was active when this draft was begun.",
    )  # fmt: skip
    published_at = fields.Datetime("Published", readonly=True, copy=False)
    published_by_id = fields.Many2one(
        "res.users", "Published by", readonly=True, copy=False, ondelete="set null"
    )
    archived_at = fields.Datetime("Replaced", readonly=True, copy=False)

    origin = fields.Char("Where it comes from", compute="_compute_origin", compute_sudo=True)

    _draft_uniq = models.UniqueIndex(
        "(parent_id) WHERE state = 'draft' AND parent_id IS NOT NULL",
        "Somebody else has just begun a draft of this score model. Open it again.",
    )

    @api.constrains("parent_id", "company_id")
    def _check_version(self):
        for model in self.filtered("parent_id"):
            if model.company_id != model.parent_id.company_id:
                raise ValidationError(
                    self.env._("A version has the company of its score model: change it there.")
                )

    def _compute_draft_id(self):
        drafts = self.search([("parent_id", "in", self.ids), ("state", "=", "draft")])
        draft_of = {draft.parent_id.id: draft for draft in drafts}
        for model in self:
            model.draft_id = draft_of.get(model.id, False)

    @api.depends("sequence", "state", "company_id")
    def _compute_is_shown(self):
        shown = set(self._main_models().values())
        for model in self:
            model.is_shown = model.id in shown

    def _search_is_shown(self, operator, value):
        if operator != "in":
            return NotImplemented
        shown = [*set(self._main_models().values())]
        return [("id", "in" if True in value else "not in", shown)]

    @api.depends("version", "based_on", "group_ids.rule_ids", "published_at", "archived_at")
    @api.depends_context("lang", "tz")
    def _compute_origin(self):
        """Where this content comes from, in a sentence."""
        for model in self:
            parts = (model, *model.group_ids, *model.rule_ids)
            last = max(parts, key=lambda part: part.write_date or NEVER)
            said = {
                "version": model.based_on if model.state == "draft" else model.version,
                "user": model.published_by_id.name or self.env._("Odoo"),
                "when": self._told_day(model.published_at),
                "until": self._told_day(model.archived_at),
                "editor": last.write_uid.name,
                "edited": self._told_day(last.write_date),
            }
            model.origin = self._told_origin(model).format(**said)

    def _told_day(self, moment):
        return tell_moment(self.env, moment) if moment else "?"

    def _told_origin(self, model):
        _ = self.env._
        if model.state == "draft":
            if not model.parent_id:
                return _("Nobody is judged by this draft until it is published.")
            return _("Draft made from version {version}, last changed by {editor} on {edited}. It "
                     "counts for nobody until it is published.")  # fmt: skip
        if not model.archived_at:
            return _("Version {version}, published by {user} on {when}.")
        return _("Version {version}, published by {user} on {when}, replaced on {until}.")

    @api.depends("name", "parent_id.name", "state", "version")
    def _compute_display_name(self):
        for model in self:
            name = model.parent_id.name or model.name
            if not model.parent_id:
                model.display_name = name
            elif model.state == "draft":
                model.display_name = self.env._("%s (draft)", name)
            else:
                model.display_name = self.env._(
                    "%(name)s (version %(number)s)", name=name, number=model.version
                )

    def write(self, vals):
        result = super().write(vals)
        if "company_id" in vals:
            if versions := self.search([("parent_id", "in", self.ids)]):
                versions.write({"company_id": vals["company_id"]})
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_edit(self):
        """The draft in which the rules of an active model are changed: there is only one."""
        self.ensure_one()
        draft = self._find_draft() or self._create_draft(self)
        return draft._action_open()

    def action_restore(self):
        """A former version becomes the draft."""
        self.ensure_one()
        model = self.parent_id
        if draft := model._find_draft():
            raise UserError(
                self.env._(
                    "“%(model)s” has a draft that %(user)s changed last. Publish or discard it "
                    "first.",
                    model=model.name, user=draft.write_uid.name,
                )
            )  # fmt: skip
        return model._create_draft(self)._action_open()

    def action_discard(self):
        """Forget a draft; the active version stays as it is."""
        self.ensure_one()
        model = self.parent_id
        if self.state != "draft" or not model:
            raise UserError(self.env._("Only the draft of an active score model is discarded."))
        self.unlink()
        return model._action_open()

    def action_open(self):
        return self._action_open()

    def action_open_model(self):
        return self.parent_id._action_open()

    def _action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "res_id": self.id,
        }

    # ------------------------------------------------------------
    # Drafts and publishing
    # ------------------------------------------------------------

    def _find_draft(self):
        return self.search([("parent_id", "=", self.id), ("state", "=", "draft")], limit=1)

    def _create_draft(self, source):
        """A draft of this model with the content of `source`: the model or a former version."""
        self.ensure_one()
        content = source.with_context(active_test=False)  # with the rules that are switched off
        draft = content.copy(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "parent_id": self.id,
                "based_on": self.version,
            }
        ).with_env(self.env)
        draft.group_ids.invalidate_recordset(["rule_ids"])  # read in both contexts
        return draft

    def _publish_draft(self):
        """Swap the content of a draft with that of its model; returns the model.

        The rows are locked first, so that of two who publish at once one is told so.
        """
        self.ensure_one()
        model = self.parent_id
        (model | self).lock_for_update()
        if self.state != "draft":
            raise UserError(self.env._("Somebody else has published this draft already."))
        if self.based_on != model.version:
            raise UserError(
                self.env._(
                    "Version %(now)s was published meanwhile; this draft was made from version "
                    "%(then)s. Discard it and begin again.",
                    now=model.version, then=self.based_on,
                )
            )  # fmt: skip
        if model.state == "draft" and not model.version:
            raise UserError(self.env._("Publish the score model itself."))
        draft_groups, model_groups = self.group_ids, model.group_ids
        draft_content, model_content = self._prepare_content(), model._prepare_content()
        draft_groups.write({"model_id": model.id})
        model_groups.write({"model_id": self.id})
        self.write({**model_content, **self._prepare_archive(model), "state": "archived"})
        model.write(draft_content)
        self.env["nurture.score.preview"]._forget(self)
        return model

    def _prepare_content(self):
        return {name: self[name] for name in CONTENT_FIELDS}

    def _prepare_archive(self, model):
        """What the archive remembers of the version that `model` was until now."""
        return {
            "version": model.version,
            "published_at": model.published_at,
            "published_by_id": model.published_by_id.id,
            "archived_at": fields.Datetime.now(),
        }

    def _prepare_publication(self):
        return {
            "version": self.version + 1,
            "published_at": fields.Datetime.now(),
            "published_by_id": self.env.uid,
        }

import math

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import score as engine
from odoo.exceptions import UserError

# Whose score the form may show: a lead, a contact or the person itself.
TRIED_MODELS = ("crm.lead", "res.partner", "nurture.person")


class NurtureScoreModel(models.Model):
    """What the form of a score model shows beside its fields: rules, a trial, a preview."""

    _inherit = "nurture.score.model"

    rule_board = fields.Json("Rules by group", compute="_compute_rule_board")
    preview_board = fields.Json("Who would change", compute="_compute_preview_board")
    reach = fields.Integer(compute="_compute_reach", help="The highest score that anybody can get.")
    out_of_reach = fields.Char("Out of reach", compute="_compute_reach")

    @api.depends("state", "group_ids.cap", "group_ids.rule_ids.points")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_rule_board(self):
        previews = self._previews()
        for model in self:
            preview = previews.get(model._origin.id)
            given = preview._points_by_rule() if preview and preview.state == "done" else {}
            groups = model._origin.group_ids.with_context(active_test=False)
            model.rule_board = {
                "editable": model.state == "draft" and model.has_access("write"),
                "counted": bool(given),
                "groups": [group._prepare_board(given) for group in groups],
            }

    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_preview_board(self):
        previews = self._previews()
        bands = [[key, label] for key, label in self.env["nurture.score"]._selection_bands()]
        for model in self:
            preview = previews.get(model._origin.id)
            compared = model._compared_with()
            model.preview_board = {
                "labels": dict(bands),
                "allowed": model.state == "draft" and model.has_access("write"),
                "compared": compared.display_name if compared else False,
                "preview": preview._prepare_board() if preview else False,
            }

    @api.depends(
        "hot_at", "warm_at", "total_cap", "group_ids.cap", "group_ids.rule_ids.points",
        "group_ids.rule_ids.max_count", "group_ids.rule_ids.active",
    )  # fmt: skip
    def _compute_reach(self):
        for model in self:
            groups = [
                (group.cap, [rule._most() for rule in group.rule_ids]) for group in model.group_ids
            ]
            reach = engine.reach(groups, model.total_cap)
            model.reach = int(reach) if math.isfinite(reach) else 0
            model.out_of_reach = False
            if model.group_ids.rule_ids and reach < model.hot_at:
                model.out_of_reach = self.env._(
                    "These rules give %(most)s points at most: nobody can become hot, which begins "
                    "at %(hot)s.", most=int(reach), hot=model.hot_at,
                )  # fmt: skip

    # ------------------------------------------------------------
    # Trial
    # ------------------------------------------------------------

    def explain_on(self, res_model, res_id, limits=None):
        """What this version makes of the person of a record, beside the score that is shown.

        `limits` are those that are being typed in the form, not yet saved. Nothing is written.
        """
        self.ensure_one()
        self.check_access("read")
        if res_model not in TRIED_MODELS:
            raise UserError(self.env._("A score model is tried on a lead, a contact or a person."))
        record = self.env[res_model].browse(res_id).exists()
        record.check_access("read")
        model = self.sudo()  # sudo: the record may be read, so may its score
        person_id = record.sudo()._nurture_person_ids().get(record.id)  # sudo: as above
        if not person_id:
            return {"person": False}
        known = {name: int(value or 0) for name, value in (limits or {}).items()
                 if name in model._prepare_content() and name != "tz"}  # fmt: skip
        shown = model._compared_with()._score_of(person_id)
        score = self.env["nurture.score"].sudo().new(  # sudo: as above
            {"person_id": person_id, "model_id": model.id, "band": shown.band or engine.COLD}
        )
        return {
            "person": person_id,
            "told": score._explain_now(fields.Datetime.now(), known),
            "shown": shown._explain() if shown else False,
        }

    def _score_of(self, person_id):
        return self.env["nurture.score"].search(
            [("model_id", "in", self.ids), ("person_id", "=", person_id)], limit=1
        )

    def _compared_with(self):
        """The active model whose scores this one would replace; the one shown, for a new one."""
        self.ensure_one()
        model = self.parent_id or self
        if model.state == "active":
            return model
        return self.browse(self._main_models().get(self.company_id.id or 0))

    # ------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------

    def action_preview(self):
        """Count who would change band or grade if this draft were published."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft" or not self.group_ids.rule_ids:
            raise UserError(self.env._("A draft that has rules is needed for a preview."))
        self.env["nurture.score.preview"].sudo()._start(self.sudo())  # sudo: it counts all people

    def action_open_preview_people(self, domain):
        """The people behind one figure of the preview; the record rules do the rest."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_score_preview_person_action"
        )
        preview = self._previews().get(self.id)
        domain = [*domain, ("preview_id", "=", preview.id if preview else 0)]
        return {**action, "domain": domain, "context": {"create": False}}

    def _previews(self):
        """{model id: its preview}"""
        previews = self.env["nurture.score.preview"].sudo().search(  # sudo: sums are per company
            [("model_id", "in", self._origin.ids)]
        )
        return {preview.model_id.id: preview for preview in previews}

    def _request_pass(self, silent):
        """Drafts are not calculated, but their preview no longer says what they say."""
        result = super()._request_pass(silent)
        if drafts := self.exists().filtered(lambda model: model.state == "draft"):
            self.env["nurture.score.preview"]._set_outdated(drafts)
        return result

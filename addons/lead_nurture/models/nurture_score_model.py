from odoo import Command, _, api, fields, models, tools
from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.lead_nurture.engine import score as engine
from odoo.exceptions import UserError, ValidationError

# Fields by whose change the scores of an active model change.
SCORING_FIELDS = {
    "company_id", "tz", "total_cap", "warm_at", "hot_at", "hysteresis",
    "grade_a_at", "grade_b_at", "grade_c_at",
}  # fmt: skip


class NurtureScoreModel(models.Model):
    """One row: one way to judge people, made of groups of rules, with its bands.

    A draft changes nothing; an active model gives each person of its company (or of all companies)
    a score. Where several are active, the first in order is the one that lists and forms show.
    Publishing and changing a model is silent: scores move, nobody is alarmed by it.
    """

    _name = "nurture.score.model"
    _inherit = "nurture.shared"
    _description = "Score model"
    _order = "sequence, id"

    @api.model
    def _default_groups(self):
        return [
            Command.create({"name": self.env._("Interest"), "kind": "engagement"}),
            Command.create({"name": self.env._("Fit"), "kind": "fit"}),
        ]

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="The first active model of a company is the one that is shown on leads."
    )
    note = fields.Text("Purpose", translate=True)
    company_id = fields.Many2one(
        "res.company", "Company", default=lambda self: self._default_company_id(),
        help="Empty: people of all companies are judged by it.",
    )  # fmt: skip
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("archived", "Closed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    tz = fields.Selection(
        _tz_get,
        "Time zone",
        default=lambda self: self.env.company.partner_id.tz or self.env.user.tz or "UTC",
        required=True,
        help="Where a day begins, for rules that count days.",
    )
    total_cap = fields.Integer(
        "Highest score", default=100, help="The score never goes above this. 0: no limit."
    )
    warm_at = fields.Integer("Warm from", default=40, required=True, help="Points.")
    hot_at = fields.Integer("Hot from", default=70, required=True, help="Points.")
    hysteresis = fields.Integer(
        "Cools below by",
        default=5,
        required=True,
        help="Points under the threshold before somebody falls back to the band below. It keeps "
        "people from going up and down every day.",
    )
    grade_a_at = fields.Integer("Grade A from", default=25, required=True, help="Fit points.")
    grade_b_at = fields.Integer("Grade B from", default=15, required=True, help="Fit points.")
    grade_c_at = fields.Integer("Grade C from", default=5, required=True, help="Fit points.")
    group_ids = fields.One2many(
        "nurture.score.group", "model_id", "Groups", copy=True,
        default=lambda self: self._default_groups(),
    )  # fmt: skip
    rule_ids = fields.One2many("nurture.score.rule", "model_id", "Rules")
    rule_count = fields.Integer(compute="_compute_rule_count")
    person_count = fields.Integer(compute="_compute_person_counts")
    hot_count = fields.Integer(compute="_compute_person_counts")

    # Full pass: all persons in order of id, in chunks; see nurture.score.
    pass_pending = fields.Boolean(readonly=True, copy=False)
    pass_silent = fields.Boolean(readonly=True, copy=False)
    pass_cursor = fields.Integer(readonly=True, copy=False)
    pass_progress = fields.Float("Calculated", compute="_compute_pass_progress")
    error = fields.Char(
        "Cannot be calculated because", readonly=True, copy=False,
        help="Its scores stay as they are until a rule is changed.",
    )  # fmt: skip
    last_pass_at = fields.Datetime("Last full calculation", readonly=True, copy=False)

    _total_cap_positive = models.Constraint(
        "CHECK (total_cap >= 0)", "“Highest score” must not be negative; 0 means no limit."
    )
    _hysteresis_positive = models.Constraint(
        "CHECK (hysteresis >= 0)", "“Cools below by” must not be negative."
    )
    _warm_positive = models.Constraint("CHECK (warm_at > 0)", "“Warm from” must be above 0.")

    @api.constrains("warm_at", "hot_at", "hysteresis", "total_cap")
    def _check_bands(self):
        for model in self:
            if engine.overlapping([model.warm_at, model.hot_at]):
                raise ValidationError(_("“Hot from” must be above “Warm from”."))
            if model.hysteresis >= min(model.warm_at, model.hot_at - model.warm_at):
                raise ValidationError(
                    _("“Cools below by” must be smaller than the bands themselves.")
                )
            if model.total_cap and model.total_cap < model.hot_at:
                raise ValidationError(
                    _("“Highest score” is below “Hot from”: nobody could ever become hot.")
                )

    @api.constrains("hot_at", "group_ids")
    def _check_caps(self):
        """Where every group has a cap, the caps together must let somebody become hot."""
        for model in self:
            caps = model.group_ids.mapped("cap")
            if caps and all(caps) and sum(caps) < model.hot_at:
                raise ValidationError(
                    _("“At most” of the groups is %(caps)s points together, below “Hot from” "
                      "%(hot)s: nobody could ever become hot.", caps=sum(caps), hot=model.hot_at)
                )  # fmt: skip

    @api.constrains("grade_a_at", "grade_b_at", "grade_c_at")
    def _check_grades(self):
        for model in self:
            if engine.overlapping([model.grade_c_at, model.grade_b_at, model.grade_a_at]):
                raise ValidationError(
                    _("“Grade A from” must be above “Grade B from”, and that above “Grade C from”.")
                )

    @api.depends("group_ids.rule_ids")
    def _compute_rule_count(self):
        for model in self:
            model.rule_count = len(model.group_ids.rule_ids)

    @api.depends("state")
    def _compute_person_counts(self):
        rows = self.env["nurture.score"]._read_group(
            [("model_id", "in", self.ids)], ["model_id", "band"], ["__count"]
        )
        counts = {(model.id, band): count for model, band, count in rows}
        for model in self:
            model.person_count = sum(counts.get((model.id, band), 0) for band in engine.BANDS)
            model.hot_count = counts.get((model.id, engine.HOT), 0)

    @api.depends("pass_pending", "pass_cursor")
    def _compute_pass_progress(self):
        people = self.env["nurture.person"].sudo()  # sudo: the highest id of all
        last = people.with_context(active_test=False).search([], order="id desc", limit=1).id
        for model in self:
            done = not model.pass_pending or not last
            model.pass_progress = 100.0 if done else 100.0 * model.pass_cursor / last

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        scoring_models = super().create(vals_list)
        self.env.registry.clear_cache()
        return scoring_models

    def write(self, vals):
        result = super().write(vals)
        if {"sequence", "company_id", "state"} & vals.keys():
            self.env.registry.clear_cache()
        if SCORING_FIELDS & vals.keys():
            self._request_pass(silent=True)
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_active(self):
        if any(model.state == "active" for model in self):
            raise UserError(self.env._("Close an active score model before you delete it."))

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if default and "name" in default:
            return vals_list
        return [
            {**vals, "name": self.env._("%s (copy)", model.name)}
            for model, vals in zip(self, vals_list, strict=True)
        ]

    # ------------------------------------------------------------
    # Actions and states
    # ------------------------------------------------------------

    def action_publish(self):
        """Make drafts the content by which people are judged."""
        for model in self:
            if not model.group_ids.rule_ids:
                raise UserError(self.env._("“%s” has no rules yet.", model.name))
            (model._publish_draft() if model.parent_id else model)._set_active()
        published = self.parent_id if len(self) == 1 else self.browse()
        return published._action_open() if published else None

    def action_close(self):
        self._set_archived()

    def action_set_draft(self):
        self._set_draft()

    def action_recompute(self):
        """Calculate everybody again, now and aloud."""
        self._request_pass(silent=False)

    def action_open_scores(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("lead_nurture.nurture_score_action")
        return {**action, "context": {"search_default_model_id": self.id}}

    def _set_active(self):
        for model in self:
            model.write({"state": "active", **model._prepare_publication()})
        self._request_pass(silent=True)

    def _set_archived(self):
        self.write({"state": "archived", "pass_pending": False})
        scores = self.env["nurture.score"]
        self.env.execute_query(scores._query_forget_model(self))
        scores.invalidate_model()

    def _set_draft(self):
        if self.parent_id:
            raise UserError(self.env._("A former version is brought back as a draft."))
        self._set_archived()
        self.write({"state": "draft"})

    def _set_broken(self, message):
        """Leave the model alone, and say why, until somebody changes it."""
        self.write({"error": message[:500], "pass_pending": False})

    def _request_pass(self, silent):
        """Have all people of active models calculated by the cron. A silent pass that has not
        ended stays silent."""
        for model in self.filtered(lambda m: m.state == "active"):
            model.write(
                {
                    "error": False,
                    "pass_pending": True,
                    "pass_cursor": 0,
                    "pass_silent": silent or (model.pass_pending and model.pass_silent),
                }
            )
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_score")

    @api.model
    def _cron_request_passes(self):
        """Every night: points decay although nothing happens."""
        self.search([("state", "=", "active")])._request_pass(silent=False)

    # ------------------------------------------------------------
    # Which model is shown
    # ------------------------------------------------------------

    @api.model
    @tools.ormcache()
    def _main_models(self):
        """{company id, 0 for none: id of the model shown there}."""
        active = self.sudo().search([("state", "=", "active")])  # sudo: of all companies
        companies = [0, *self.env["res.company"].sudo().search([]).ids]  # sudo: of all companies
        mains = {}
        for company_id in companies:
            fitting = active.filtered(
                lambda m, c=company_id: not m.company_id or m.company_id.id == c
            )
            if fitting:
                mains[company_id] = fitting[0].id
        return mains

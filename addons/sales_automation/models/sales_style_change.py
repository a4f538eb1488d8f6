from odoo import api, fields, models
from odoo.addons.sales_automation.models.sales_styles import AREAS, STYLES, UNITS
from odoo.exceptions import AccessError, UserError

MANAGER = "sales_automation.group_sales_automation_manager"


class SalesStyleChange(models.Model):
    """One row per sales style that a company took over: what it changed, to be taken back.

    Written only by `_apply` and `action_undo`.
    """

    _name = "sales.style.change"
    _description = "Sales Style Taken Over"
    _order = "applied_at desc, id desc"
    _rec_name = "style"

    style = fields.Selection(selection="_selection_style", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "By", readonly=True)
    applied_at = fields.Datetime("On", readonly=True)
    undone_at = fields.Datetime("Taken Back On", readonly=True)
    playbook_id = fields.Many2one("sales.playbook", readonly=True, ondelete="set null")
    old_values = fields.Json(readonly=True, help="The settings as they were before.")
    new_values = fields.Json(readonly=True, help="The settings as the style made them.")
    summary = fields.Text("What Changed", readonly=True)

    @api.model
    def _selection_style(self):
        return [(key, self.env._(style.name)) for key, style in STYLES.items()]

    # ---- actions ------------------------------------------------------------------------------

    def action_undo(self):
        """Give the settings back that still are as the style made them; archive its playbook."""
        self.ensure_one()
        self._check_manager()
        if self.undone_at:
            raise UserError(self.env._("This style was taken back already."))
        company = self.company_id.sudo()  # a manager sets what a style may set, and no more
        company.write({
            name: value for name, value in self.old_values.items()
            if company[name] == self.new_values[name]})
        self.playbook_id.active = False
        self.sudo().undone_at = fields.Datetime.now()  # nobody may write the row by hand
        return True

    # ---- applying -----------------------------------------------------------------------------

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Only Sales Desk managers choose the sales style."))

    @api.model
    def _differences(self, key, company):
        """Return [(setting, old value, new value)] that the style would change."""
        company = company.sudo()  # settings of the Sales Desk, shown to its managers
        return [
            (name, company[name], value) for name, value in STYLES[key].settings.items()
            if company[name] != value]

    @api.model
    def _tell_difference(self, name, old, new):
        """Return (setting, old, new) in words."""
        field = self.env["res.company"]._fields[name]
        label = field._description_string(self.env)
        for prefix, area in AREAS.items():
            if name.startswith(prefix):
                label = f"{self.env._(area)}: {label}"
        return label, self._tell_setting(field, old), self._tell_setting(field, new)

    def _tell_setting(self, field, value):
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if not value:  # every number of days, hours or times that a style names is off at zero
            return self.env._("off")
        unit = next((self.env._(unit) for suffix, unit in UNITS.items()
                     if field.name.endswith(suffix)), "")
        return f"{value:g} {unit}".strip()

    @api.model
    def _apply(self, key, company, team, with_playbook):
        """Take a style over: its settings and, if wished, its playbook for a team."""
        self._check_manager()
        changes = self._differences(key, company)
        company.sudo().write({name: new for name, _old, new in changes})  # checked above
        playbook = self._create_playbook(key, company, team) if with_playbook \
            else self.env["sales.playbook"]
        return self.sudo().create({  # nobody may write the row by hand
            "style": key, "company_id": company.id, "user_id": self.env.uid,
            "applied_at": fields.Datetime.now(), "playbook_id": playbook.id,
            "old_values": {name: old for name, old, _new in changes},
            "new_values": {name: new for name, _old, new in changes},
            "summary": "\n".join(
                "{}: {} → {}".format(*self._tell_difference(*change)) for change in changes),
        })

    @api.model
    def _create_playbook(self, key, company, team):
        """Write the style's playbook down in the reader's language, for the team's stages."""
        style, say = STYLES[key], self.env._
        stages = self.env["crm.stage"].search([
            ("is_won", "=", False), "|", ("team_ids", "=", False), ("team_ids", "in", team.ids),
        ]).sorted(lambda stage: stage._place())
        return self.env["sales.playbook"].create({
            "name": say(style.playbook), "enforcement": style.enforcement,
            "company_id": company.id, "team_ids": [fields.Command.set(team.ids)],
            "step_ids": [fields.Command.create({
                "stage_id": stage.id, "goal": say(step.goal), "guidance": say(step.guidance),
                "item_ids": [fields.Command.create({"name": say(item)}) for item in step.items],
                "criterion_ids": [fields.Command.create(vals) for vals in step.criteria],
            }) for stage, step in zip(stages, style.steps, strict=False)],
        })

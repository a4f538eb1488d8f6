from markupsafe import Markup
from odoo import api, fields, models

MIN_PEOPLE = 20
NOTHING = "–"


class NurtureVersionCompare(models.TransientModel):
    """Two versions of a scenario side by side: what changed, and how their steps did."""

    _name = "nurture.version.compare"
    _description = "Compare two versions"

    scenario_id = fields.Many2one("nurture.scenario", required=True, readonly=True)
    old_id = fields.Many2one(
        "nurture.scenario.version", "Version", required=True,
        domain="[('scenario_id', '=', scenario_id)]",
    )  # fmt: skip
    new_id = fields.Many2one(
        "nurture.scenario.version", "beside version", required=True,
        domain="[('scenario_id', '=', scenario_id)]",
    )  # fmt: skip
    changes = fields.Html("What changed", compute="_compute_tables", sanitize=False)
    numbers = fields.Html("Step by step", compute="_compute_tables", sanitize=False)

    @api.model
    def _open(self, version):
        """`version` beside the one before it; the first one beside the one after it."""
        others = version.scenario_id.version_ids.sorted("number") - version
        before = others.filtered(lambda v: v.number < version.number)[-1:]
        old, new = (before, version) if before else (version, others[:1] or version)
        wizard = self.create(
            {"scenario_id": version.scenario_id.id, "old_id": old.id, "new_id": new.id}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare versions"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    @api.depends("old_id", "new_id")
    def _compute_tables(self):
        for wizard in self:
            old, new = wizard.old_id, wizard.new_id
            changes = new._changes_since(old) if old and new else []
            wizard.changes = self.env["nurture.publish"]._prepare_changes(changes)
            wizard.numbers = wizard._prepare_numbers_table() if old and new else False

    def _prepare_numbers_table(self):
        """One row per step of either version; figures of the older one stand first."""
        _ = self.env._
        stat = self.env["nurture.node.stat"]
        old = stat._numbers(self.scenario_id, self.old_id)
        new = stat._numbers(self.scenario_id, self.new_id)
        names = {**self.new_id._names()}
        names.update({u: n for u, n in self.old_id._names().items() if u not in names})
        columns = [_("Came"), _("Went on"), _("Left early"), _("Mails"), _("Opened"), _("Clicked")]
        head = Markup().join(Markup('<th class="text-end">%s</th>') % name for name in columns)
        rows = Markup().join(
            Markup("<tr><td>%s</td>%s</tr>")
            % (
                name,
                Markup().join(
                    Markup('<td class="text-end text-nowrap">%s</td>') % self._pair(one, two)
                    for one, two in zip(
                        self._figures(old.get(uid)), self._figures(new.get(uid)), strict=True
                    )
                ),
            )
            for uid, name in names.items()
        )
        return Markup(
            '<div class="table-responsive"><table class="table table-sm mb-0">'
            "<thead><tr><th>%s</th>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (_("Step"), head, rows)

    def _pair(self, one, two):
        return one if one == two == NOTHING else f"{one} → {two}"

    def _figures(self, row):
        """What one version says of a step: counts, and shares where enough people came."""
        if not row:
            return [NOTHING] * 6
        return [
            str(row["in"]),
            self._share(row["passed"], row["in"]),
            self._share(row["left"], row["in"]),
            str(row["mail"] or NOTHING),
            self._share(row["open"], row["mail"]),
            self._share(row["click"], row["mail"]),
        ]

    def _share(self, part, whole):
        if not whole:
            return NOTHING
        return f"{part} ({round(100 * part / whole)} %)" if whole >= MIN_PEOPLE else str(part)

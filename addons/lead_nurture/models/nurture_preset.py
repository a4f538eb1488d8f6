from odoo import Command, api, models
from odoo.exceptions import UserError


class NurturePreset(models.AbstractModel):
    """The gallery of ready scenarios, no table of its own: using one draws a new scenario in
    draft, in the reader's language and the colours of the company.

    A preset is one entry of `_presets` and one method `_preset_<key>()` in a file of its own, which
    returns {"scenario": vals, "steps": {key: (kind, name, vals, {exit: key})}}. People enter at
    the first step. A step that sends mails has its text in vals["mail"], see the file of the
    mails. `_after_preset_<key>(scenario)` does what the scenario needs around itself.
    """

    _name = "nurture.preset"
    _description = "Ready scenario"

    @api.model
    def _presets(self):
        """{key: {label, icon, note}} in the order of the gallery."""
        return {}

    @api.model
    def get_presets(self):
        """For the gallery: [{key, label, icon, note, steps: [{icon, name}]}]."""
        self.env["nurture.scenario"].check_access("read")
        kinds = self.env["nurture.node"]._node_kinds()
        return [
            {
                "key": key,
                **spec,
                "steps": [
                    {"icon": kinds[kind]["icon"], "name": name}
                    for kind, name, _vals, _exits in self._content(key)["steps"].values()
                    if kind != "exit"
                ],
            }
            for key, spec in self._presets().items()
        ]

    @api.model
    def create_scenario(self, key):
        """Draw the preset as a new draft of the reader's company; → the action that shows it."""
        if key not in self._presets():
            raise UserError(self.env._("This preset does not exist."))
        scenario = self._create_scenario(key)
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.scenario",
            "res_id": scenario.id,
            "views": [[False, "form"]],
        }

    @api.model
    def _create_scenario(self, key, **vals):
        """→ the new scenario; `vals` go before those of the preset."""
        content = self._content(key)
        scenario = self.env["nurture.scenario"].create(
            {
                "name": self._presets()[key]["label"],
                "note": self._presets()[key]["note"],
                "suppress_segment_ids": self._left_in_peace().ids,
                **content["scenario"],
                **vals,
            }
        )
        self._draw_steps(scenario, key, content["steps"])
        after = getattr(self, f"_after_preset_{key}", None)
        if after:
            after(scenario)
        return scenario

    @api.model
    def _goal(self, *events):
        """Commands for goals: one for each kind of event, or a deal won."""
        if not events:
            return [Command.create({"purpose": "goal", "kind": "won"})]
        return [
            Command.create({"purpose": "goal", "kind": "event", "event_kind": event})
            for event in events
        ]

    @api.model
    def _content(self, key):
        return getattr(self, f"_preset_{key}")()

    @api.model
    def _draw_steps(self, scenario, key, steps):
        nodes = {}
        for number, (name, (kind, label, vals, _exits)) in enumerate(steps.items(), start=1):
            nodes[name] = self.env["nurture.node"].create(
                {
                    "version_id": scenario.draft_id.id,
                    "uid": f"{key}_{name}",
                    "sequence": 10 * number,
                    "kind": kind,
                    "name": label,
                    **{field: value for field, value in vals.items() if field != "mail"},
                }
            )
            if "mail" in vals:
                self._write_mail(nodes[name].mailing_id, scenario.company_id, **vals["mail"])
        self.env["nurture.edge"].create(
            [
                {
                    "version_id": scenario.draft_id.id,
                    "from_id": nodes[name].id,
                    "label": label,
                    "to_id": nodes[target].id,
                }
                for name, (_kind, _label, _vals, exits) in steps.items()
                for label, target in exits.items()
            ]
        )

    # ------------------------------------------------------------
    # SEGMENTS THAT PRESETS USE
    # ------------------------------------------------------------

    @api.model
    def _left_in_peace(self):
        """The list of those whom the sunset let go; no preset writes to them any more."""
        return self.env.ref("lead_nurture.nurture_segment_sunset")

    @api.model
    def _keep_up_to_date(self, segment):
        """A ready segment is a draft until somebody needs it; its first filling is silent."""
        if segment.state == "draft":
            segment.action_activate()

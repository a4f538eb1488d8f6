from odoo import api, fields, models
from odoo.exceptions import ValidationError


class NurtureScenario(models.Model):
    """Who may enter, at which occasion, how often, and how many at once.

    A trigger is one entry in `_trigger_kinds`, one method `_query_candidates_<kind>(full, now)`
    and its fields in the form. Optional, found by name: `_reason_trigger_<kind>()`, a sentence why
    people cannot enter that way, and `_look_trigger_<kind>(now)`, done before each full pass.
    """

    _inherit = "nurture.scenario"

    trigger_kind = fields.Selection(
        selection="_selection_trigger_kind",
        string="People enter when",
        required=True,
        default="lead",
    )
    entry_text = fields.Char("Who enters", compute="_compute_entry_text")
    trigger_domain = fields.Char(
        "Leads that may enter",
        default="[]",
        help="Only leads that match these conditions enter, whatever the trigger.",
    )
    trigger_band = fields.Selection(
        [("warm", "Warm or hotter"), ("hot", "Hot")],
        default="hot",
        help="The score band into which a person must rise, or out of which he must fall.",
    )
    enrol_since = fields.Datetime(
        "Only what happens since",
        copy=False,
        help="What happened earlier, and leads created earlier, let nobody in, so that a start "
        "never mails your whole database. Set at the first start; enrol others by hand.",
    )
    reentry_policy = fields.Selection(
        [
            ("never", "Once in a lifetime"),
            ("days", "Again after some days"),
            ("always", "Again for each new occasion"),
        ],
        "Entering again",
        required=True,
        default="never",
        help="Nobody is ever twice in the same scenario at the same time.",
    )
    reentry_days = fields.Integer(
        "Again after", default=90, help="Days since the person left the scenario the last time."
    )
    lost_reason_ids = fields.One2many(
        "crm.lost.reason",
        "nurture_scenario_id",
        "Lost reasons",
        help="Leads lost for one of these reasons come into this scenario.",
    )

    # the engine's own marks
    seen_lead_id = fields.Integer(readonly=True, copy=False)
    full_pass_at = fields.Datetime(readonly=True, copy=False)
    interrupted_at = fields.Datetime(
        readonly=True, copy=False, help="When a pass ran out of time: others go first then."
    )

    _reentry_days_positive = models.Constraint(
        "CHECK(reentry_days >= 0)", "The days before entering again cannot be negative."
    )

    @api.model
    def _trigger_kinds(self):
        """Registry of triggers: {kind: what the admin reads}."""
        return {
            "lead": self.env._("A new lead matches the conditions"),
            "band": self.env._("The score rises into a band"),
            "band_down": self.env._("The score falls out of a band"),
            "recycle": self.env._("A lead is lost with a reason that asks for it"),
            "manual": self.env._("Somebody enrols them by hand"),
        }

    @api.model
    def _selection_trigger_kind(self):
        return list(self._trigger_kinds().items())

    @api.depends(
        "trigger_kind", "trigger_segment_id", "event_kind", "url_pattern", "topic", "count_by",
        "min_count", "window_days",
    )  # fmt: skip
    def _compute_entry_text(self):
        """The trigger in words: those of the kind, unless `_entry_text_<kind>` says it better."""
        words = self._trigger_kinds()
        for scenario in self:
            tell = getattr(scenario, f"_entry_text_{scenario.trigger_kind}", None)
            scenario.entry_text = (tell and tell()) or words.get(scenario.trigger_kind, "")

    @api.constrains("trigger_domain")
    def _check_trigger_domain(self):
        for scenario in self:
            scenario._validate_lead_domain(scenario.trigger_domain)

    def _reason_not_to_run(self):
        told = getattr(self, f"_reason_trigger_{self.trigger_kind}", None)
        return (told and told()) or super()._reason_not_to_run()

    @api.model
    def _fault_of_lead_domain(self, text):
        """A sentence why these conditions on leads cannot be used, or False."""
        fault = self.env["nurture.record.filter"]._fault_of_domain(
            self.env["crm.lead"], text, searchable=True
        )
        return fault and self.env._("The conditions on leads cannot be used: %s", fault)

    @api.model
    def _validate_lead_domain(self, text):
        if sentence := self._fault_of_lead_domain(text):
            raise ValidationError(sentence)

    @api.model
    def _parse_lead_domain(self, text):
        return self.env["nurture.record.filter"]._parse_domain(text)

from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome

BANDS_FROM = {"warm": ("warm", "hot"), "hot": ("hot",)}


class NurtureNode(models.Model):
    """The step that asks something and sends people two ways.

    A condition is an entry of the selection and `_branch_on_<condition>(enrolments, now)` → those
    who go by “yes”; `_branch_text_<condition>()` says the question, `_branch_problem_<condition>()`
    what is missing.
    """

    _inherit = "nurture.node"

    condition = fields.Selection(
        [
            ("event", "The event happened"),
            ("domain", "The lead matches conditions"),
            ("band", "The score is in a band"),
        ],
        default="event",
    )
    domain = fields.Char("Conditions", default="[]")
    band = fields.Selection([("warm", "Warm or hotter"), ("hot", "Hot")], default="hot")

    @api.constrains("domain", "kind", "condition")
    def _check_domain(self):
        for node in self.filtered(lambda n: n.kind == "branch" and n.condition == "domain"):
            self.env["nurture.scenario"]._validate_lead_domain(node.domain)

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "branch": {
                "label": self.env._("Branch"),
                "help": self.env._(
                    "One question, two ways: what the lead did, its score or its fields."
                ),
                "icon": "fa-code-fork",
                "group": "decision",
                "exits": ("yes", "no"),
            },
        }

    def _run_node_branch(self, enrolments, now):
        agreed = getattr(self, f"_branch_on_{self.condition}")(enrolments, now)
        return {
            **dict.fromkeys(agreed, Outcome.go("yes", "yes")),
            **dict.fromkeys(enrolments - agreed, Outcome.go("no", "no")),
        }

    def _exit_text_node_branch(self, label):
        return {"yes": self.env._("Yes"), "no": self.env._("No")}[label]

    def _summary_node_branch(self):
        return self._of_condition("_branch_text", default="")

    def _problem_node_branch(self):
        return self._of_condition("_branch_problem")

    def _of_condition(self, prefix, default=False):
        method = getattr(self, f"{prefix}_{self.condition}", None)
        return method() if method else default

    # ------------------------------------------------------------
    # CONDITIONS
    # ------------------------------------------------------------

    def _branch_on_event(self, enrolments, now):
        return self.env["nurture.waiter"]._happened_since_entry(enrolments, self)

    def _branch_text_event(self):
        return self.env._("Did it happen: %s?", self._event_text())

    def _branch_on_domain(self, enrolments, now):
        found = self._first_matches(enrolments, [("yes", self.domain)])
        return enrolments.filtered(lambda e: e.lead_id.id in found)

    def _branch_text_domain(self):
        return self.env._("Does the lead match the conditions?")

    def _branch_on_band(self, enrolments, now):
        """The band that lists and forms show, or are about to: what has just happened counts."""
        people = enrolments.person_id
        bands = {person.id: person.nurture_band for person in people}
        waiting = people.browse(self.env["nurture.dirty"]._waiting_among(people.ids))
        for person_id, score in waiting._nurture_score_records().items():
            bands[person_id] = score._explain_now(now)["band"]
        return enrolments.filtered(lambda e: bands[e.person_id.id] in BANDS_FROM[self.band])

    def _branch_text_band(self):
        bands = dict(self._fields["band"]._description_selection(self.env))
        return self.env._("Is the score %s?", bands.get(self.band, ""))

from odoo import Command, api, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.fields import Domain
from odoo.tools import SQL

from .nurture_node_case import LABEL

MAX_CASES = 12
SECONDS_GROUP = 20  # for the conditions of one batch of people
SECONDS_ONE = 2  # for one person, when the batch took too long


class NurtureNode(models.Model):
    """The step with several questions in order: the first that is true decides the way."""

    _inherit = "nurture.node"

    case_ids = fields.One2many("nurture.node.case", "node_id", "Paths", copy=True)

    @api.model_create_multi
    def create(self, vals_list):
        nodes = super().create(vals_list)
        nodes._ensure_cases()
        return nodes

    def write(self, vals):
        result = super().write(vals)
        if "kind" in vals:
            self._ensure_cases()
        if "case_ids" in vals:
            self._drop_odd_exits()
        return result

    def _ensure_cases(self):
        """A step of this sort begins with paths to fill in, else it would have no way out."""
        for node in self.filtered(lambda n: not n.case_ids):
            node.case_ids = [
                Command.create(vals) for vals in node._of_kind("_first_cases_node", default=())
            ]

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "switch": {
                "label": self.env._("Sort by conditions"),
                "help": self.env._(
                    "Several cases, each with its own way; the first that fits counts."
                ),
                "icon": "fa-sitemap",
                "group": "decision",
                "exits": ("else",),
            },
        }

    def _first_cases_node_switch(self):
        return [{"name": self.env._("First case"), "sequence": 1}]

    def _exits_node_switch(self):
        return (*self._case_labels(), "else")

    def _exit_text_node_switch(self, label):
        return self._case_name(label) or self.env._("Otherwise")

    def _summary_node_switch(self):
        return self.env._(
            "%(cases)s, otherwise", cases=", ".join(self.case_ids.mapped("name"))
        )

    def _problem_node_switch(self):
        if not self.case_ids:
            return self.env._("“%s” has no case yet.", self.name)
        if len(self.case_ids) > MAX_CASES:
            return self.env._(
                "“%(step)s” has more than %(most)s cases: use several steps.",
                step=self.name, most=MAX_CASES,
            )  # fmt: skip
        for case in self.case_ids:
            if self.env["nurture.record.filter"]._parse_domain(case.domain).is_true():
                return self.env._(
                    "The case “%(case)s” of “%(step)s” has no conditions: everybody would go "
                    "there.", case=case.name, step=self.name,
                )  # fmt: skip
        return False

    def _run_node_switch(self, enrolments, now):
        labels = self._first_matches(
            enrolments, [(case.label, case.domain) for case in self.case_ids]
        )
        outcomes = self._case_outcomes()
        return {e: outcomes[labels.get(e.lead_id.id, "else")] for e in enrolments}

    # ------------------------------------------------------------
    # CASES
    # ------------------------------------------------------------

    def _case_labels(self):
        return tuple(self.case_ids.sorted(lambda c: (c.sequence, c.id or 0)).mapped("label"))

    def _case_outcomes(self):
        """{label: Outcome} of every way out; the log names it."""
        return {
            label: Outcome.go(label, self._case_name(label) or label) for label in self._exits()
        }

    def _case_name(self, label):
        key = (label or "").removeprefix(LABEL)
        return self.case_ids.filtered(lambda case: case.key == key).name or ""

    # ------------------------------------------------------------
    # CONDITIONS ON LEADS
    # ------------------------------------------------------------

    def _first_matches(self, enrolments, cases):
        """{lead id: label of the first of the (label, typed domain) that the lead matches}, by one
        query, with the rights of the scenario's owner and within some seconds."""
        leads = enrolments._leads_as_owner()
        filters = self.env["nurture.record.filter"]
        mine = Domain("id", "in", leads.ids)
        asked = [
            (label, leads._search(filters._parse_domain(text) & mine)) for label, text in cases
        ]
        if not asked or not leads:
            return {}
        with filters._limit_time(SECONDS_GROUP if len(leads) > 1 else SECONDS_ONE):
            rows = self.env.execute_query(self._query_first_matches(leads.ids, asked))
        return {lead_id: label for lead_id, label in rows if label}

    def _query_first_matches(self, lead_ids, asked):
        # primary key of crm_lead: each sub-query is bound to the people of the batch
        return SQL(
            "SELECT l.id, CASE %s END FROM unnest(%s::int[]) l(id)",
            SQL(" ").join(
                SQL("WHEN l.id IN %s THEN %s", query.subselect(), label) for label, query in asked
            ),
            lead_ids,
        )

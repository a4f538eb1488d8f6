from dataclasses import dataclass

from odoo import api, fields, models

from .care_sla import TERMS

#: Service levels that the form names on each side; the others are counted.
NAMED = 4


@dataclass(frozen=True)
class Facts:
    """What service levels ask of one case."""

    company: int
    team: int
    kind: str
    severity: str
    category_path: str
    tags: frozenset[int]
    segment: int


class Terms:
    """The conditions of one service level, read once for many cases. An empty one holds for all."""

    def __init__(self, policy):
        self.policy = policy
        self.company = policy.company_id.id
        self.teams = set(policy.team_ids._origin.ids)
        self.kinds = set(policy.kind_ids.mapped("value"))
        self.severities = set(policy.severity_ids.mapped("value"))
        self.paths = tuple(policy.category_ids._origin.mapped("parent_path"))
        self.tags = set(policy.tag_ids._origin.ids)
        self.segments = set(policy.segment_ids._origin.ids)

    def cover(self, facts: Facts) -> bool:
        """Whether all of them hold for a case."""
        return (
            self.company == facts.company
            and (not self.teams or facts.team in self.teams)
            and (not self.kinds or facts.kind in self.kinds)
            and (not self.severities or facts.severity in self.severities)
            and (not self.paths or facts.category_path.startswith(self.paths))
            and (not self.tags or not self.tags.isdisjoint(facts.tags))
            and (not self.segments or facts.segment in self.segments))

    def meet(self, other) -> bool:
        """Whether there can be a case that both hold for; of tags a customer has several."""
        apart = any(
            mine and theirs and mine.isdisjoint(theirs)
            for mine, theirs in (
                (self.teams, other.teams), (self.kinds, other.kinds),
                (self.severities, other.severities), (self.segments, other.segments)))
        return not apart and (not self.paths or not other.paths or any(
            one.startswith(other.paths) or any(two.startswith(one) for two in other.paths)
            for one in self.paths))


class CareSla(models.Model):
    """Which service level holds for a case.

    Of those whose conditions all hold, the one that names most conditions wins (several kinds or
    severities are one condition); among those that name equally many, the one that stands higher
    in the list.
    """

    _inherit = "care.sla"

    order_told = fields.Char("Its turn", compute="_compute_order_told")

    @api.depends(*TERMS, "sequence", "company_id", "active")
    @api.depends_context("lang")
    def _compute_order_told(self):
        others = self.search([("company_id", "in", self.company_id.ids)])
        for policy in self:
            mine = Terms(policy)
            met = [
                one for one in others - policy._origin
                if one.company_id == policy.company_id and mine.meet(Terms(one))]
            policy.order_told = policy.active and policy._tell_order(
                [one for one in met if one._get_turn() < policy._get_turn()],
                [one for one in met if one._get_turn() > policy._get_turn()])

    def _tell_order(self, before, after) -> str:
        _ = self.env._
        told = [
            before and _("Where they hold, too, these win: %s.", self._name_some(before)),
            after and _("It wins over: %s.", self._name_some(after))]
        return " ".join(filter(None, told)) or _("No other one holds for the same cases.")

    def _name_some(self, policies) -> str:
        names = [one.name for one in sorted(policies, key=lambda one: one._get_turn())]
        if len(names) > NAMED:
            names[NAMED:] = [self.env._("%s more", len(names) - NAMED)]
        return ", ".join(names)

    def _get_turn(self):
        """The lower, the sooner it is asked; one that is not saved comes last among equals."""
        return (-sum(bool(self[term]) for term in TERMS), self.sequence,
                self._origin.id or float("inf"))

    @api.model
    def _match(self, cases) -> dict:
        """{case: the policy that holds for it, or an empty one}."""
        policies = self.search([("company_id", "in", cases.company_id.ids)])
        turns = [Terms(one) for one in policies.sorted(lambda one: one._get_turn())]
        facts = self._get_facts(cases, policies)
        return {
            case: next((terms.policy for terms in turns if terms.cover(facts[case])), self.browse())
            for case in cases}

    def _get_facts(self, cases, policies) -> dict:
        """{case: Facts}; tags and segments only where a policy asks for them."""
        segments = self._get_segments(cases) if policies.segment_ids else {}
        tagged = bool(policies.tag_ids)
        return {
            case: Facts(
                case.company_id.id, case.team_id.id, case.kind, case.severity,
                case.category_id.parent_path or "",
                frozenset((case.partner_id | case.commercial_partner_id).category_id.ids
                          if tagged else ()),
                segments.get((case.company_id, case.commercial_partner_id)))
            for case in cases}

    def _get_segments(self, cases):
        """{(company, customer): segment id}."""
        customers = self.env["care.customer"].search_fetch(
            [("partner_id", "in", cases.commercial_partner_id.ids),
             ("company_id", "in", cases.company_id.ids)],
            ["company_id", "partner_id", "rfm_segment_id"])
        return {(one.company_id, one.partner_id): one.rfm_segment_id.id for one in customers}

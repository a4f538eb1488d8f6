from odoo import api, fields, models
from odoo.fields import Domain

from .crm_lead_handoff import WAITING


class SalesHandover(models.Model):
    """What a person may hold: one registry entry and one domain for each kind of object."""

    _inherit = "sales.handover"

    def _handover_kinds(self):
        """Return {kind: spec} in the order in which the kinds are moved.

        A spec names the model and `owner`, the field that changes hands. Optional: `keeps`, fields
        written along, so that nothing is recomputed; `parent`, the field whose record it follows;
        `team`, the path to the team whose business it is (else of no team);
        `date`, `amount`, `customer`, fields to show; `thread`, whether a leaver stops following
        it; `cover`, False when it stays with a person who is only away; `receiver`, False when
        nobody gets it.
        A kind may have its own `_read_<kind>`, `_move_<kind>`, `_restore_<kind>`,
        `_keep_reason_<kind>` on the lines, its own `_business_<kind>` here, and needs its
        `_handover_domain_<kind>` here.
        """
        kinds = {**self._prepare_document_kinds(), **self._prepare_duty_kinds()}
        return dict(sorted(kinds.items(), key=lambda pair: pair[1]["sequence"]))

    @api.model
    def _prepare_document_kinds(self):
        return {
            "deal": {
                "label": self.env._("Deals and leads"), "icon": "fa-star", "sequence": 20,
                "model": "crm.lead", "owner": "user_id",
                "team": "team_id", "keeps": ("team_id", "stage_id", "company_id"),
                "date": "date_deadline", "amount": "expected_revenue", "customer": "partner_id",
                "thread": True,
            },
            "quote": {
                "label": self.env._("Quotations"), "icon": "fa-file-text-o", "sequence": 30,
                "model": "sale.order", "owner": "user_id", "team": "team_id",
                "keeps": ("team_id",), "parent": "opportunity_id", "date": "validity_date",
                "amount": "amount_total", "customer": "partner_id", "thread": True,
            },
            "order": {
                "label": self.env._("Confirmed orders"), "icon": "fa-truck", "sequence": 40,
                "model": "sale.order", "owner": "user_id", "team": "team_id",
                "keeps": ("team_id",), "parent": "opportunity_id", "amount": "amount_total",
                "customer": "partner_id", "thread": True, "cover": False,
            },
            "partner": {
                "label": self.env._("Customers"), "icon": "fa-building-o", "sequence": 50,
                "model": "res.partner", "owner": "user_id", "thread": True, "cover": False,
            },
        }

    def _prepare_duty_kinds(self):
        return {
            "membership": {
                "label": self.env._("Team memberships"), "icon": "fa-users", "sequence": 10,
                "model": "crm.team.member", "receiver": False, "team": "crm_team_id",
                "owner": "assignment_optout" if self.kind == "cover" else "active",
            },
            "meeting": {
                "label": self.env._("Meetings"), "icon": "fa-calendar", "sequence": 60,
                "model": "calendar.event", "owner": "user_id", "parent": "opportunity_id",
                "team": "opportunity_id.team_id", "date": "start",
            },
            "handoff_in": {
                "label": self.env._("Hand-offs to answer"), "icon": "fa-sign-in", "sequence": 70,
                "model": "sales.handoff", "owner": "to_user_id", "date": "deadline_at",
            },
            "handoff_out": {
                "label": self.env._("Hand-offs asked of others"), "icon": "fa-sign-out",
                "sequence": 80, "model": "sales.handoff", "owner": "from_user_id",
                "parent": "lead_id", "team": "lead_id.team_id", "date": "deadline_at",
                "cover": False,
            },
            "activity": {
                "label": self.env._("Activities"), "icon": "fa-clock-o", "sequence": 90,
                "model": "mail.activity", "owner": "user_id", "date": "date_deadline",
            },
            "leader": {
                "label": self.env._("Teams that are led"), "icon": "fa-flag", "sequence": 100,
                "model": "crm.team", "owner": "user_id", "cover": False,
            },
        }

    def _get_kinds(self):
        """The kinds that this handover moves."""
        return {
            kind: spec for kind, spec in self._handover_kinds().items()
            if (self.kind == "leave" or spec.get("cover", True))
            and (kind != "order" or self.with_orders)
        }

    def _find(self, kind, spec):
        """Return what the person holds of a kind, archived rows too where they count."""
        records = self.env[spec["model"]].sudo()  # the whole work, whoever prepares the handover
        domain = getattr(self, f"_handover_domain_{kind}")(self.from_user_id)
        return records.with_context(active_test=False).search(domain)

    def _has_work(self, person):
        """Whether archiving the person would leave something behind."""
        handover = self.new({
            "kind": "leave", "from_user_id": person.id,
            "with_orders": person.sudo().company_id.sales_leaver_orders})  # a rule of his company
        return any(
            self.env[spec["model"]].sudo().with_context(  # whoever archives may not see it
                active_test=False).search_count(
                    getattr(handover, f"_handover_domain_{kind}")(person), limit=1)
            for kind, spec in handover._get_kinds().items() if spec.get("receiver", True))

    def _count_words(self):
        """Return {kind: (one of it, several of it)}: numbers are told in words of the trade."""
        _ = self.env._
        return {
            "deal": (_("1 deal"), _("%s deals")),
            "quote": (_("1 quotation"), _("%s quotations")),
            "order": (_("1 confirmed order"), _("%s confirmed orders")),
            "partner": (_("1 customer"), _("%s customers")),
            "membership": (_("1 team membership"), _("%s team memberships")),
            "meeting": (_("1 meeting"), _("%s meetings")),
            "handoff_in": (_("1 hand-off to answer"), _("%s hand-offs to answer")),
            "handoff_out": (_("1 hand-off asked of others"), _("%s hand-offs asked of others")),
            "activity": (_("1 activity"), _("%s activities")),
            "leader": (_("1 team that is led"), _("%s teams that are led")),
        }

    def _tell_counts(self, counts):
        """Tell {kind: number} as "29 deals, 12 quotations, 331 customers"."""
        words = self._count_words()
        return ", ".join(
            words[kind][0] if counts[kind] == 1 else words[kind][1] % counts[kind]
            for kind in self._handover_kinds() if counts.get(kind))

    # ---- the domains --------------------------------------------------------------------------

    def _handover_domain_membership(self, person):
        domain = Domain("user_id", "=", person.id) & Domain("active", "=", True)
        if self.kind == "cover":
            domain &= Domain("assignment_optout", "=", False)
        return domain

    def _handover_domain_deal(self, person):
        """Open deals and leads, and those put to "not now", which come back to somebody."""
        asleep = Domain("sales_outcome", "=", "recycled")
        is_open = Domain("active", "=", True) & Domain(
            "sales_outcome", "not in", ("won", "lost", "recycled"))
        return Domain("user_id", "=", person.id) & (asleep | is_open)

    def _handover_domain_quote(self, person):
        return Domain("user_id", "=", person.id) & Domain("state", "in", ("draft", "sent"))

    def _handover_domain_order(self, person):
        return (Domain("user_id", "=", person.id) & Domain("state", "=", "sale")
                & Domain("invoice_status", "!=", "invoiced"))

    def _handover_domain_partner(self, person):
        return Domain("user_id", "=", person.id) & Domain("active", "=", True)

    def _handover_domain_meeting(self, person):
        """Meetings to come that the person organizes or is invited to."""
        invited = Domain("partner_ids", "in", person.partner_id.ids)
        if self.kind == "cover":  # an invitation of somebody else is the person's own affair
            during = Domain("start", "<", fields.Datetime.end_of(
                fields.Datetime.to_datetime(self.date_to), "day"))
            invited = Domain("opportunity_id", "!=", False) & invited & during
            return (Domain("active", "=", True) & Domain("stop", ">=", fields.Datetime.now())
                    & ((Domain("user_id", "=", person.id) & during) | invited))
        return (Domain("active", "=", True) & Domain("stop", ">=", fields.Datetime.now())
                & (Domain("user_id", "=", person.id) | invited))

    def _handover_domain_handoff_in(self, person):
        return Domain("to_user_id", "=", person.id) & Domain("state", "in", WAITING)

    def _handover_domain_handoff_out(self, person):
        return Domain("from_user_id", "=", person.id) & Domain("state", "in", WAITING)

    def _handover_domain_activity(self, person):
        return Domain("user_id", "=", person.id) & Domain("active", "=", True)

    def _handover_domain_leader(self, person):
        return Domain("user_id", "=", person.id) & Domain("active", "=", True)

from datetime import UTC, datetime, time

import pytz
from odoo import api, models
from odoo.fields import Domain

from .care_case import SPOKEN
from .care_stage import OPEN_KINDS
from .moments import tell_moment

#: Answered cases under which no median is shown.
ENOUGH = 10
#: Overdue cases that are named; the list behind them has all.
NAMED = 5
BREACHED = Domain("reply_state", "=", "breached") | Domain("sla_state", "=", "breached")


class CareDashboard(models.AbstractModel):
    """What customers wait for: open cases now, and how soon they hear from us."""

    _inherit = "care.dashboard"

    @api.model
    def _dashboard_tiles(self):
        _ = self.env._
        return super()._dashboard_tiles() | {
            "first_reply": {"title": _("First reply"), "icon": "fa-reply", "sequence": 6,
                            "span": 4},
            "open_cases": {"title": _("Open cases"), "icon": "fa-inbox", "sequence": 2,
                           "span": 4},
            "late_cases": {"title": _("Overdue promises"), "icon": "fa-clock-o", "sequence": 3,
                           "span": 4},
        }

    def _dashboard_first_reply(self, scope):
        """The median of working hours, of cases opened in the period."""
        _, report = self.env._, self.env["care.case.report"]
        first, last = (self._get_moment(scope.company, day) for day in (scope.first, scope.last))
        opened = [("company_id", "=", scope.company.id), ("opened_at", ">=", first),
                  ("opened_at", "<", last)]
        [(answered, median)] = report._read_group(
            opened, [], ["answered:sum", "reply_median:avg"])
        told = self._tell_promises(scope.company, opened)
        if not answered:
            return {"few": _("n/a: no case of the period was answered in writing."),
                    "note": " ".join(told)}
        action = self._open(
            _("Cases answered"), "care.case.report", [*opened, ("answered", "=", 1)],
            ("list", "pivot", "graph"))
        if answered < ENOUGH:
            return {"action": action, "note": " ".join(told), "few": _(
                "Too few for a median: %(count)s cases of the period were answered in writing, "
                "%(enough)s are needed.", count=answered, enough=ENOUGH)}
        note = [_("working hours of the team (median); %s cases were answered.", answered), *told]
        return {"figure": self.env["care.case"]._tell_hours(median), "note": " ".join(note),
                "action": action}

    def _tell_promises(self, company, opened):
        """How many replies came in time, who still waits, and what is not counted.

        In time is what the analysis of service levels says: who was never answered is late, too.
        """
        _, promises, cases, told = (
            self.env._, self.env["care.sla.report"], self.env["care.case.report"], [])
        results = dict(promises._read_group(
            [("promise", "=", "reply"), ("company_id", "=", company.id),
             ("case_id", "any", opened)], ["result"], ["__count"]))
        late = results.get("overdue", 0)
        if judged := sum(results.values()) - results.get("running", 0):
            told.append(_("In time: %(met)s of %(judged)s that were due.",
                          met=results.get("met", 0), judged=judged))
        if late == 1:
            told.append(_("1 of them still waits."))
        elif late:
            told.append(_("%s of them still wait.", late))
        more = self.env["care.case"].search_count([
            *opened, ("channel", "not in", SPOKEN), ("is_proactive", "=", False),
            ("first_response_at", "=", False), ("stage_kind", "in", OPEN_KINDS)]) - late
        if more == 1:
            told.append(_("1 more still waits."))
        elif more > 1:
            told.append(_("%s more still wait.", more))
        spoken = cases.search_count([
            *opened, ("channel", "in", SPOKEN), ("case_id.is_proactive", "=", False)])
        if spoken == 1:
            told.append(_("1 call or chat, answered at once, is not in it."))
        elif spoken:
            told.append(_("%s calls and chats, answered at once, are not in it.", spoken))
        return told

    def _get_moment(self, company, day):
        """The begin of a day of the company, in UTC."""
        zone = pytz.timezone(company._care_zone())
        return zone.localize(datetime.combine(day, time.min)).astimezone(UTC).replace(tzinfo=None)

    def _dashboard_open_cases(self, scope):
        """Of this moment, whatever the period; each bar opens its cases."""
        _, cases, breached = self.env._, self.env["care.case"], BREACHED
        still = self._still_open(scope)
        risky = Domain("reply_state", "=", "at_risk") | Domain("sla_state", "=", "at_risk")
        paused = Domain("paused_at", "!=", False)
        due = Domain("due_at", "!=", False)
        parts = [
            (_("Overdue"), breached), (_("At risk"), ~breached & risky),
            (_("In time"), ~breached & ~risky & ~paused & due),
            (_("Paused"), ~breached & ~risky & paused),
            (_("No deadline"), ~breached & ~risky & ~paused & ~due),
        ]
        counted = [(words, still & part, cases.search_count(still & part))
                   for words, part in parts]
        shown = [entry for entry in counted if entry[2]]
        if not shown:
            return {"few": _("No case is open.")}
        total = sum(count for _words, _part, count in shown)
        unassigned = cases.search_count(still & Domain("user_id", "=", False))
        return {
            "figure": str(total),
            "note": _("open now; %s of them unassigned.", unassigned),
            "action": self._open(_("Open cases"), "care.case", list(still)),
            "chart": {
                "type": "hbar", "kind": "count", "labels": [words for words, *_rest in shown],
                "series": [{"label": _("Cases"), "values": [count for *_rest, count in shown]}],
                "actions": [self._open(words, "care.case", list(part))
                            for words, part, _count in shown]},
        }

    def _still_open(self, scope):
        return Domain("company_id", "=", scope.company.id) & self.env["care.case"]._domain_open()

    def _dashboard_late_cases(self, scope):
        """The bar Overdue of the open cases, by name: what was due first, and who has it."""
        _, cases = self.env._, self.env["care.case"]
        late = self._still_open(scope) & BREACHED
        count = cases.search_count(late)
        if not count:
            return {"few": _("No promise is overdue.")}
        replies = cases.search_count(late & Domain("reply_state", "=", "breached"))
        return {
            "figure": str(count), "action": self._open(_("Overdue promises"), "care.case",
                                                       list(late)),
            "note": _("open cases are over their time; %s of them wait for the first reply.",
                      replies),
            "table": {
                "columns": [_("Case"), _("Due"), _("Agent")], "numbers": [],
                "rows": [[
                    {"text": case.display_name, "action": self._open_record(case)},
                    {"text": tell_moment(self.env, case.due_at)
                     if case.due_at else _("paused")},
                    {"text": case.user_id.name or _("unassigned")},
                ] for case in cases.search(late, order="due_at, id", limit=NAMED)]},
        }

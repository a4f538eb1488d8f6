from collections import Counter
from datetime import timedelta

import pytz
from odoo import api, fields, models
from odoo.fields import Domain

#: Rows of the list of the worst; they must be read from four metres.
WORST = 8
#: Agents shown by name; the rest is told as a number.
AGENTS = 8
#: What is due so soon is near.
NEAR = timedelta(hours=1)
#: Days whose answers make the mood.
MOOD_DAYS = 7


class CareBoard(models.AbstractModel):
    """The team's wall: what waits, what is late, who has how much, all of this very moment.

    Everything is counted with the rights of the user, in a number of queries that no number of
    cases changes.
    """

    _name = "care.board"
    _description = "Live board"

    @api.model
    def get_board(self, team_id=False):
        """The page of one team, or of all that the user may see in his companies."""
        cases = self.env["care.case"]
        cases.check_access("read")
        teams = self.env["care.team"].search([])
        team = teams.filtered(lambda one: one.id == team_id)
        now = fields.Datetime.now()
        mine = Domain("company_id", "in", self.env.companies.ids)
        if team:
            mine &= Domain("team_id", "=", team.id)
        still_open = mine & cases._domain_open()
        # who has how much, and where it is late: the figures, the teams and the agents add up
        load = cases._read_group(still_open, ["team_id", "user_id"], ["__count"])
        late = dict(cases._read_group(
            still_open & Domain("due_at", "<", now), ["team_id"], ["__count"]))
        return {
            "teams": [[one.id, one.name] for one in teams], "team": team.id,
            "now": fields.Datetime.to_string(now),
            "figures": self._tell_figures(mine, still_open, now, {
                "open": sum(count for *_one, count in load), "late": sum(late.values()),
                "nobody": sum(count for _team, user, count in load if not user)}),
            "load": [] if team or len(teams) < 2 else self._tell_teams(teams, load, late),
            "agents": self._tell_agents(load),
            "worst": self._tell_worst(still_open),
            "mood": self._tell_mood(team, now),
        }

    def _tell_figures(self, mine, still_open, now, known):
        """[key, label, number, tone when it is not zero, domain behind it]"""
        _ = self.env._
        cases = self.env["care.case"]
        wanted = [
            ("first", _("Wait for the first reply"), "warning", still_open & Domain(
                [("first_response_at", "=", False), ("is_proactive", "=", False)])),
            ("turn", _("Customer waits for us"), "warning",
             still_open & Domain("waiting_since", "!=", False)),
            ("nobody", _("Unassigned"), "danger", still_open & Domain("user_id", "=", False)),
            ("late", _("Overdue"), "danger", still_open & Domain("due_at", "<", now)),
            ("near", _("Due within 1 h"), "warning", still_open & Domain(
                [("due_at", ">=", now), ("due_at", "<", now + NEAR)])),
            ("open", _("Open"), "", still_open),
            ("done", _("Resolved today"), "success",
             mine & Domain("last_resolved_at", ">=", self._begin_of_day(now))),
        ]
        return [
            {"key": key, "label": label, "tone": tone, "domain": self._plain(domain),
             "number": known[key] if key in known else cases.search_count(domain)}
            for key, label, tone, domain in wanted]

    def _tell_teams(self, teams, load, late):
        """Each team's share of the page: the one with the most overdue first."""
        rows = [{
            "id": team.id, "name": team.name, "late": late.get(team, 0),
            "open": sum(count for one, _user, count in load if one == team),
            "nobody": sum(count for one, user, count in load if one == team and not user),
        } for team in teams]
        return sorted(rows, key=lambda row: (-row["late"], -row["open"], row["name"]))

    def _tell_agents(self, load):
        """Open cases of each agent, most first; the rest as one number."""
        counts = Counter()
        for _team, user, count in load:
            counts[user] += count
        rows = sorted(
            ((user, count) for user, count in counts.items() if user),
            key=lambda row: (-row[1], row[0].name))
        shown = [
            {"id": user.id, "name": user.name, "number": number}
            for user, number in rows[:AGENTS]]
        others = sum(number for _user, number in rows[AGENTS:])
        return {"rows": shown, "others": others, "most": rows[0][1] if rows else 0}

    def _tell_worst(self, still_open):
        """What is due first, then who waits longest."""
        cases = self.env["care.case"]
        severities = dict(cases._fields["severity"]._description_selection(self.env))
        return [{
            "id": case.id, "number": case.number, "name": case.name, "who": case.who,
            "severity": severities[case.severity] if case._is_severe() else False,
            "agent": case.user_id.name or False,
            "due": fields.Datetime.to_string(case.due_at),
            "since": fields.Datetime.to_string(case.waiting_since),
        } for case in cases.search(
            still_open, order="due_at, waiting_since, severity desc, id", limit=WORST)]

    def _tell_mood(self, team, now):
        """What customers said of resolved cases lately; too few answers say so."""
        answers = self.env["care.feedback"]
        if not answers.has_access("read"):
            return False
        domain = [("team_id", "=", team.id)] if team else []
        score = answers._measure(
            self.env.company, "csat", since=now - timedelta(days=MOOD_DAYS), domain=domain)
        needed = self.env.company.care_min_answers
        return {
            "label": self.env._("Satisfied, %s days", MOOD_DAYS),
            # whole: it is read from afar
            "figure": f"{100 * score.good / score.n:.0f} %" if score.n >= needed else False,
            "few": self.env._("%(count)s of %(needed)s answers", count=score.n, needed=needed),
            "note": self.env._(
                "%(good)s of %(count)s answers were 4 or 5 of 5.", good=score.good, count=score.n),
        }

    def _begin_of_day(self, now):
        """Midnight in the company's time zone, as the database writes it."""
        company = self.env.company
        zone = pytz.timezone(company._care_zone())
        midnight = fields.Datetime.to_datetime(company._care_today(now))
        return zone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    def _plain(self, domain):
        """As the browser can send it back."""
        return [
            tuple(
                fields.Datetime.to_string(part) if hasattr(part, "hour")
                else list(part) if not isinstance(part, str) and hasattr(part, "__iter__")
                else part for part in leaf)
            if isinstance(leaf, (tuple, list)) else leaf for leaf in list(domain)]

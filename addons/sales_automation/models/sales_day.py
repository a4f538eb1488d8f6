from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.addons.sales_automation.engine import agenda, day_window
from odoo.exceptions import AccessError

from .aside import ask

LINES_PER_SOURCE = 200
NEAREST = 5
DONE_SHOWN = 8


class SalesDay(models.AbstractModel):
    """What a salesperson has to do now, in order, and why: one line per deal.

    A source is one entry of `_day_sources` and one method `_day_lines_<key>(user, now)`. The
    lines of all sources are merged by deal and ordered by engine/agenda.py. Nothing is stored:
    a line leaves the day when what it asked for is done.
    """

    _name = "sales.day"
    _description = "My Day"

    @api.model
    def get_day(self, user_id=None):
        """Return the whole screen for one person: lines in order, figures, what was done."""
        self._check_sells()
        user = self._get_person(user_id)
        now = fields.Datetime.now()
        today = fields.Date.context_today(self)
        sources, raw = self._collect_lines(user, now)
        lines = self._arrange_lines(self._merge_lines(raw), today)
        return {
            "user": {"id": user.id, "name": user.name, "is_me": user == self.env.user},
            "today": today,
            "days": self._prepare_next_days(),
            "currency_id": self.env.company.currency_id.id,
            "sources": sources,
            "lines": lines,
            "amount": sum(line["amount"] for line in lines),
            "done": self._read_done(user, today),
            "postponed": self._read_postponed(user, today, lines),
            "nearest": [] if lines else self._read_nearest(user, today),
            "members": self._read_members(),
        }

    @api.model
    def _day_sources(self):
        """Return {key: {"label", "icon", "sequence"}}; extended by super()."""
        return {}

    # ---- whose day ----------------------------------------------------------------------------

    @api.model
    def _check_sells(self):
        """Asked before anything is read: a source that may not be read looks like a broken one."""
        if not self.env.su and not self.env.user.has_group(
                "sales_automation.group_sales_automation_user"):
            raise AccessError(self.env._("My Day is for the people who sell."))

    @api.model
    def _get_person(self, user_id):
        """The person whose day is asked for: oneself, or a member of one's team."""
        user = self.env["res.users"].browse(user_id or self.env.uid)
        if user != self.env.user and user.id not in [row["id"] for row in self._read_members()]:
            raise AccessError(self.env._("You may look at the day of your team's members only."))
        return user

    @api.model
    def _read_members(self):
        """The people whose day this user may see; empty for who leads nobody."""
        domain = [("crm_team_id.user_id", "=", self.env.uid)]
        if self.env.user.has_group("sales_automation.group_sales_automation_manager"):
            domain = [("crm_team_id.company_id", "in", [*self.env.companies.ids, False])]
        members = self.env["crm.team.member"].sudo().search(  # names of one's team, no content
            domain).user_id.filtered(lambda user: user.company_ids & self.env.companies)
        return [
            {"id": user.id, "name": user.name} for user in members.sorted("name")
            if user != self.env.user]

    # ---- lines --------------------------------------------------------------------------------

    @api.model
    def _collect_lines(self, user, now):
        """Ask every source; one that breaks is named on the screen, the others stay."""
        heads, raw = [], []
        for key, head in sorted(
                self._day_sources().items(), key=lambda item: (item[1]["sequence"], item[0])):
            lines, is_broken = ask(self, f"_day_lines_{key}", user, now)
            lines = (lines or [])[:LINES_PER_SOURCE]
            raw += [{**line, "source": key, "icon": head["icon"]} for line in lines]
            heads.append({**head, "key": key, "count": len(lines), "is_broken": is_broken})
        return heads, raw

    @api.model
    def _merge_lines(self, raw):
        """Make one line per deal of all that asks for it; the most urgent reason speaks first."""
        deals = self._read_deals({line["lead_id"] for line in raw if line.get("lead_id")})
        merged = {}
        for line in sorted(raw, key=lambda line: -line.get("urgency", 0)):
            lead_id = line.get("lead_id") or False
            key = f"deal-{lead_id}" if lead_id else f"{line['model']}-{line['res_id']}"
            one = merged.get(key)
            if one is None:
                one = merged[key] = self._prepare_line(key, line, deals.get(lead_id, {}))
            self._add_reason(one, line)
        return list(merged.values())

    @api.model
    def _prepare_line(self, key, line, deal):
        return {
            "key": key, "model": line["model"], "res_id": line["res_id"],
            "lead_id": line.get("lead_id") or False,
            "title": line.get("title") or "", "subtitle": line.get("subtitle") or "",
            "amount": line.get("amount") or 0.0, "partner_id": False, "stage": False,
            "urgency": 0, "due": False, "reasons": [], "actions": [], "sources": [],
            "activity_ids": [], **deal,
        }

    @api.model
    def _add_reason(self, one, line):
        one["urgency"] = max(one["urgency"], line.get("urgency", 0))
        due = fields.Date.to_date(line.get("due"))
        if due and (not one["due"] or due < one["due"]):
            one["due"] = due
        if line["reason"] not in [reason["text"] for reason in one["reasons"]]:
            one["reasons"].append({
                "text": line["reason"], "icon": line["icon"], "source": line["source"]})
        if line["source"] not in one["sources"]:
            one["sources"].append(line["source"])
        if line["model"] == "mail.activity":
            one["activity_ids"].append(line["res_id"])
        told = {(action["text"], action["method"]) for action in one["actions"]}
        one["actions"] += [
            {"args": [[line["res_id"]]], **action,
             "primary": bool(action.get("primary")) and not one["actions"]}
            for action in line.get("actions", ())
            if (action["text"], action["method"]) not in told]

    @api.model
    def _read_deals(self, lead_ids):
        """Facts of the deals that this user may read, in the currency of his company."""
        company, today = self.env.company, fields.Date.context_today(self)
        leads = self.env["crm.lead"].with_context(active_test=False).search_fetch(
            [("id", "in", list(lead_ids))],
            ["name", "partner_id", "partner_name", "contact_name", "expected_revenue", "stage_id",
             "company_id", "sales_outcome"])
        return {
            lead.id: {
                "title": lead.name,
                "subtitle": lead.partner_id.display_name or lead.partner_name
                or lead.contact_name or "",
                "partner_id": lead.partner_id.id,
                "stage": lead.stage_id.name,
                # Nothing is at stake any more in a deal that is closed.
                "amount": (lead.company_id or company).currency_id._convert(
                    lead.expected_revenue or 0.0, company.currency_id, company, today)
                if lead.sales_outcome == "open" else 0.0,
            } for lead in leads
        }

    @api.model
    def _arrange_lines(self, lines, today):
        items = [agenda.Item(line["urgency"], line["due"], line["amount"]) for line in lines]
        return [{**lines[index], "group": group}
                for group, index in agenda.arrange(items, today)]

    # ---- around the lines ---------------------------------------------------------------------

    @api.model
    def _read_done(self, user, today):
        """Activities that this person finished today, the latest first; today is the day of
        whoever looks."""
        begin, end = day_window.day_bounds(today, today, self.env.tz.zone)
        activities = self.env["mail.activity"].with_context(active_test=False)
        rows = activities.search([  # by the index on user_id
            ("user_id", "=", user.id), ("active", "=", False),
            ("date_done", ">=", begin.date()), ("date_done", "<=", end.date()),
        ], order="write_date desc, id desc").filtered(
            lambda row: begin <= self._get_done_moment(row) < end)
        return {
            "count": len(rows),
            "rows": [
                {"id": row.id, "text": row.summary or row.activity_type_id.name or "",
                 "detail": row.res_name or ""} for row in rows[:DONE_SHOWN]],
        }

    @api.model
    def _get_done_moment(self, activity):
        """Core keeps the day of "done" in UTC only: the moment is the last write, unless the row
        was touched again later (as `_query_activity` of the reports has it)."""
        day = datetime.combine(activity.date_done, time.min)
        if activity.write_date < day + timedelta(days=2):
            return activity.write_date
        return day + timedelta(hours=12)

    @api.model
    def _read_nearest(self, user, today):
        """When nothing waits: the open deals that close next."""
        leads = self.env["crm.lead"].search(
            [("user_id", "=", user.id), ("type", "=", "opportunity"),
             ("sales_outcome", "=", "open"), ("date_deadline", ">=", today)],
            order="date_deadline, id", limit=NEAREST)
        deals = self._read_deals(leads.ids)
        return [
            {**deals[lead.id], "lead_id": lead.id, "due": lead.date_deadline} for lead in leads]

"""A colleague who left seven weeks ago, a deal that changes hands, and a cover for next month."""
from datetime import timedelta

from odoo import Command
from odoo.tools import SQL

from .backdate import move_columns, stamp
from .chronicle import put_in_time
from .company import DOMAIN
from .desk import ADDON, empty_outbox, open_deals, pairs, recent_workdays
from .leads import TEAM_OF
from .users import PEOPLE, QUIET_USER, _groups

__all__ = ["ADDON", "load"]

LOGIN, NAME = "field_old", "Đặng Quang Huy"
LEFT_DAYS = 49
EVERY = 3  # of the closed deals of his time, one in so many was his
CUSTOMERS = 12
ROOM, ROOM_OF_LEADER = 36, 20  # leads in a month that one can work on
NEXT_STEP = "Ask what they decided"
COVER_DAYS = 4


def load(story):
    """Chapter: his work, the day on which it went to others, and who read what."""
    left = story.today - timedelta(days=LEFT_DAYS)
    left -= timedelta(days=max(0, left.weekday() - 4))  # a Friday, if it would be a week-end
    moment = story.local_time(left, 15)
    _read_earlier_briefs(story)
    leaver = _hire(story)
    mine = _give_past(story, leaver, moment)
    _hand_over(story, leaver, mine, moment)
    _give_two_deals(story)
    _plan_cover(story)
    empty_outbox(story)


def _read_earlier_briefs(story):
    """Whoever got a deal in all these months has read its brief on the same day."""
    briefs = story.env["sales.brief"].search([])
    values = {}
    for brief in briefs:
        lead = brief.lead_id
        given = lead.handoff_ids.filtered("answered_at")[:1].answered_at \
            or lead.date_conversion or lead.create_date
        values[brief.id] = {
            "given_at": given, "create_date": given, "write_date": given,
            "deadline_at": given + timedelta(hours=24),
            "read_at": given + timedelta(minutes=story.rng.randint(20, 400))}
    briefs.write({"state": "read"})
    move_columns(briefs, values)


def _hire(story):
    _name, job, core, addon = PEOPLE["field"]
    leaver = story.env["res.users"].create({
        "name": NAME, "login": LOGIN, "password": LOGIN, "function": job,
        "email": f"huy.dang@{DOMAIN}", "tz": "Asia/Ho_Chi_Minh", "company_id": story.company.id,
        "group_ids": [Command.set(_groups(story.env, core + addon))], **QUIET_USER})
    story.name_records(leaver, [f"user_{LOGIN}"])
    team = story.ref(TEAM_OF["field"])
    for member in team.crm_team_member_ids:  # whoever leads has less room for own deals
        member.assignment_max = ROOM if member.user_id != team.user_id else ROOM_OF_LEADER
    team.crm_team_member_ids = [Command.create({"user_id": leaver.id})]
    return leaver


def _give_past(story, leaver, moment):
    """What he did in his time; → the deals that were still his on his last day."""
    env, team = story.env, story.ref(TEAM_OF["field"])
    known = [(lead, deal) for lead, deal in pairs(story)
             if lead.team_id == team and lead.create_date < moment and lead.type == "opportunity"]
    closed = [lead for lead, _deal in known
              if lead.sales_outcome in ("won", "lost") and (lead.won_at or lead.lost_at) < moment]
    mine = env["crm.lead"].union(*(
        lead for lead, deal in known
        if lead.sales_outcome in ("open", "recycled") and deal.path is None))
    his = env["crm.lead"].union(mine, *closed[::EVERY])
    _make_his(env["sales.stage.history"].search(
        [("lead_id", "in", his.ids), ("entered_at", "<", moment)]), leaver)
    _make_his(env["sale.order"].search(
        [("opportunity_id", "in", his.ids), ("date_order", "<", moment)]), leaver)
    _make_his(env["mail.activity"].with_context(active_test=False).search(
        [("res_model", "=", "crm.lead"), ("res_id", "in", his.ids),
         ("create_date", "<", moment)]), leaver)
    _make_his(his, leaver)
    houses = env["res.partner"].union(*(
        lead.partner_id.commercial_partner_id for lead in his if lead.sales_outcome == "won"))
    _make_his(houses[:CUSTOMERS], leaver)
    env["mail.activity"].with_context(mail_activity_quick_update=True).create([{
        "res_model_id": env["ir.model"]._get_id("crm.lead"), "res_id": lead.id,
        "activity_type_id": env.ref("mail.mail_activity_data_call").id, "summary": NEXT_STEP,
        "date_deadline": moment.date() + timedelta(days=4), "user_id": leaver.id}
        for lead in mine.filtered(lambda lead: lead.sales_outcome == "open")])
    return mine


def _make_his(records, leaver):
    move_columns(records, {record.id: {"user_id": leaver.id} for record in records})


def _hand_over(story, leaver, mine, moment):
    """His leader gives it to the team; most briefs are read within a day."""
    env, leader = story.env, story.ref("user_sales_manager")
    with story.at(moment):
        handover = env["sales.handover"].with_user(leader).create(
            {"from_user_id": leaver.id, "distribution": "team"})
        handover.action_run()
        leaver.action_archive()
        env.flush_all()
        env.cr.precommit.run()  # what the deals tell of the change
    briefs = env["sales.brief"].search([("lead_id", "in", mine.ids)])
    _settle(story, handover, moment)
    put_in_time(env, dict.fromkeys(mine.ids, moment))
    stamp(env, "sales.brief", "lead_id", dict.fromkeys(mine.ids, moment))
    read = briefs - briefs.filtered(lambda brief: brief.user_id == leader)[:1]
    for user, group in read.grouped("user_id").items():
        at = moment + timedelta(hours=story.rng.randint(18, 26))
        with story.at(at):
            group.with_user(user).action_acknowledge()
            env.flush_all()
        put_in_time(env, dict.fromkeys(group.lead_id.ids, at))
    _follow_deals(story, mine, moment)
    _work_on(story, mine, moment)


def _follow_deals(story, mine, moment):
    """What came later on these deals is of whoever has them since."""
    for model, link, since in (("sale.order", "opportunity_id", "date_order"),
                               ("mail.activity", "res_id", "create_date"),
                               ("calendar.event", "opportunity_id", "create_date")):
        domain = [(link, "in", mine.ids), (since, ">=", moment), ("user_id", "!=", False)]
        if link == "res_id":
            domain.append(("res_model", "=", "crm.lead"))
        records = story.env[model].search(domain)
        owners = {lead.id: lead.user_id.id for lead in mine}
        move_columns(records, {record.id: {
            "user_id": owners[record.res_id if link == "res_id" else record.opportunity_id.id]}
            for record in records})


def _settle(story, handover, moment):
    days = story.company.sales_handover_undo_days
    stamp(story.env, "sales.handover", "id", {handover.id: moment})
    stamp(story.env, "sales.handover.line", "handover_id", {handover.id: moment})
    stamp(story.env, "mail.message", "res_id", {handover.id: moment},
          SQL("t.model = 'sales.handover'"))
    move_columns(handover, {handover.id: {"undo_until": moment.date() + timedelta(days=days)}})


def _work_on(story, mine, moment):
    """Whoever got a deal has called since; the calls are done."""
    calls = story.env["mail.activity"].search([
        ("res_model", "=", "crm.lead"), ("res_id", "in", mine.ids), ("summary", "=", NEXT_STEP)])
    for call in calls:
        day = moment + timedelta(days=story.rng.randint(2, 5))
        call.with_user(call.user_id).action_feedback(
            feedback="Introduced myself. They still compare; call again after the holidays.")
        move_columns(call, {call.id: {"date_done": day.date(), "create_date": moment,
                                      "write_date": day}})
        put_in_time(story.env, {call.res_id: day})


def _give_two_deals(story):
    """On the last working day the head of sales gives two of his deals to the field."""
    env, leader = story.env, story.ref("user_sales_manager")
    given = open_deals(story, "sales_manager", stage="New")[-3:-1]
    at = story.local_time(recent_workdays(story, 1)[0], 16)
    with story.at(at):
        env["sales.reassign"].with_user(leader).create({
            "lead_ids": [Command.set(given.ids)], "user_id": story.ref("user_field").id,
            "note": "Near your tour of next week."}).action_apply()
        env.flush_all()
        env.cr.precommit.run()
    put_in_time(env, dict.fromkeys(given.ids, at))
    stamp(env, "sales.brief", "lead_id", dict.fromkeys(given.ids, at))


def _plan_cover(story):
    """Thailand is away for a week soon; Viet Nam looks after it."""
    monday = story.today + timedelta(days=3)
    monday += timedelta(days=-monday.weekday() % 7)
    story.env["sales.handover"].with_user(story.ref("user_sales_manager")).create({
        "kind": "cover", "from_user_id": story.ref("user_field_th").id, "distribution": "one",
        "to_user_id": story.ref("user_field").id, "date_from": monday,
        "date_to": monday + timedelta(days=COVER_DAYS)}).action_run()

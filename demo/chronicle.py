"""When things happened to a lead: what was just stamped on it is moved to its moment."""
from datetime import timedelta

from odoo.tools import SQL

from .backdate import stamp

ON_LEADS = SQL("t.model = 'crm.lead'")


def put_in_time(env, moments):
    """Move everything that was just stamped on these leads: ``{lead id: moment}``."""
    stamp(env, "crm.lead", "id", moments)
    stamp_messages(env, moments)
    for model in ("sales.stage.history", "sales.recycle", "sales.handoff"):
        if model in env:
            stamp(env, model, "lead_id", moments)
    leads = env["crm.lead"].browse(moments)
    stamp(env, "res.partner", "id", {
        partner.id: moments[lead.id] for lead in leads
        for partner in lead.partner_id | lead.partner_id.parent_id})
    for name in ("day_open", "day_close"):
        env.add_to_compute(leads._fields[name], leads)
    if "sales.stage.history" in env:
        env.execute_query(_query_seconds(list(moments)))


def stamp_messages(env, moments):
    """The chatter of leads, and the tracked values in it: ``{lead id: moment}``."""
    fresh = env["mail.message"].search(
        [("model", "=", "crm.lead"), ("res_id", "in", list(moments)),
         ("create_date", ">=", env.cr.now())])
    stamp(env, "mail.tracking.value", "mail_message_id",
          {message.id: moments[message.res_id] for message in fresh})
    stamp(env, "mail.message", "res_id", moments, ON_LEADS)


def next_moment(story, lead, day):
    """A moment of that day, after everything that has happened to the lead so far."""
    known = (lead.create_date, lead.date_conversion, lead.date_last_stage_update)
    earliest = max(moment for moment in known if moment) + timedelta(minutes=20)
    return max(story.moment(story.workday(day)), earliest)


def _query_seconds(lead_ids):
    """The length of a stay follows from its two moments."""
    return SQL(
        """UPDATE sales_stage_history SET seconds = EXTRACT(EPOCH FROM left_at - entered_at)
            WHERE lead_id = ANY(%s) AND seconds IS NOT NULL RETURNING id""", lead_ids)

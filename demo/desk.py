"""What the chapters about the Sales Desk share: which deals, and how somebody says something."""
from datetime import timedelta

from .deals import draw_deals
from .leads import taken

ADDON = "sales_automation"
SALESPEOPLE = ("field", "field_th", "inside", "sales_manager")


def pairs(story):
    """[(lead, what the story drew for it)], oldest first."""
    return list(zip(story.named("crm.lead", "lead_").values(),
                    draw_deals(story.start, story.today, taken(story)), strict=True))


def open_deals(story, *owners, stage=None):
    """Open opportunities of these people in the order in which they came."""
    leads = story.env["crm.lead"].union(*story.named("crm.lead", "lead_").values())
    users = [story.ref(f"user_{owner}") for owner in owners or SALESPEOPLE]
    return leads.filtered(
        lambda lead: lead.type == "opportunity" and lead.sales_outcome == "open"
        and lead.user_id in users and (not stage or lead.stage_id.name == stage)).sorted("id")


def house_of(lead):
    """The customer's house, for a person who belongs to one."""
    return lead.partner_id.commercial_partner_id


def say(record, author, body, moment, receivers=None, **how):
    """A message in the chatter of a record, in its author's name, on its day."""
    return record.with_context(mail_notify_force_send=False).message_post(
        body=body, author_id=author.id, date=moment, email_from=author.email_formatted,
        partner_ids=(receivers or author.browse()).ids,
        **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment", **how})


def empty_outbox(story):
    """What was said back then is no mail of today."""
    story.env["mail.mail"].search([
        ("state", "=", "outgoing"), ("create_date", ">=", story.env.cr.now())]).unlink()


def recent_workdays(story, count):
    """The last working days before today, oldest first."""
    days, day = [], story.today
    while len(days) < count:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            days.append(day)
    return days[::-1]

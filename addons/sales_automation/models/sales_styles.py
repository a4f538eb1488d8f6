"""Three ways to sell, ready to use: what each sets, and the playbook that comes with it.

A style is read from top to bottom: for whom it is, which settings of the company it changes, and
what it asks in the open stages of a pipeline, in their order. Of a pipeline with fewer stages the
last steps are left out. Settings that a style does not name stay as they are.
"""

from typing import NamedTuple

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


class Step(NamedTuple):
    goal: object
    guidance: object
    items: tuple
    criteria: tuple  # of values of sales.playbook.criterion


class Style(NamedTuple):
    name: object
    pitch: object
    playbook: object
    enforcement: str
    settings: dict  # {company setting: value}
    steps: tuple


# Where a setting belongs, told before its name: "Remind after" alone says too little.
AREAS = {
    "sales_handoff_": _lt("Hand-offs"),
    "sales_brief_": _lt("Briefs"),
    "sales_stale_": _lt("Stale deals"),
    "sales_quote_": _lt("Quotations"),
    "sales_report_": _lt("Reports"),
    "sales_playbook_": _lt("Playbooks"),
}
UNITS = {"_days": _lt("days"), "_hours": _lt("hours")}

CONTACT = {"kind": "contact"}
CHECKLIST = {"kind": "checklist"}
NEXT_ACTIVITY = {"kind": "next_activity"}
MEETING = {"kind": "meeting"}
QUOTE = {"kind": "quote"}
AMOUNT = {"kind": "field", "field_name": "expected_revenue"}
CLOSING = {"kind": "field", "field_name": "date_deadline"}

STYLES = {
    "inside_b2b": Style(
        name=_lt("Inside B2B"),
        pitch=_lt("Phone and mail to companies, many deals at once, answers within hours."),
        playbook=_lt("Inside sales to companies"),
        enforcement="warn",
        settings={
            "sales_handoff_hours": 2.0, "sales_handoff_remind_hours": 0.5,
            "sales_handoff_routing": True, "sales_handoff_need_required": True,
            "sales_handoff_authority_required": True, "sales_handoff_budget_required": True,
            "sales_handoff_timing_required": True,
            "sales_brief_reassigned": True, "sales_brief_hours": 4.0,
            "sales_what_next": True, "sales_story_prompt": True,
            "sales_forecast_period": "month",
            "sales_next_action": True, "sales_nudge": "daily",
            "sales_stale_contact_days": 7, "sales_stale_stage_age": True,
            "sales_stale_deadline": True, "sales_stale_slips": 2,
            "sales_stale_escalation_days": 3,
            "sales_quote_draft_days": 1, "sales_quote_answer_days": 3,
            "sales_quote_expiry_days": 3, "sales_quote_extend_days": 14,
            "sales_report_reminder": True, "sales_playbook_enforcement": "warn",
        },
        steps=(
            Step(
                goal=_lt("We know what they need and who decides."),
                guidance=_lt(
                    "<p>Three questions in the first call:</p><ul><li>What happens if you change "
                    "nothing?</li><li>Who else looks at this?</li><li>Until when do you need "
                    "it?</li></ul><p>No need, no deal: say \"not now\" and choose a day.</p>"),
                items=(_lt("Asked what it is for"), _lt("Asked who else decides"),
                       _lt("Asked until when they need it")),
                criteria=(CONTACT, CHECKLIST)),
            Step(
                goal=_lt("The need is worth an offer, and the price range is no surprise."),
                guidance=_lt(
                    "<p>Name a price range before you write an offer. Agree the next call while "
                    "you are still on the phone.</p>"),
                items=(_lt("Talked about the price range"), _lt("Repeated the need in writing")),
                criteria=(AMOUNT, CHECKLIST, NEXT_ACTIVITY)),
            Step(
                goal=_lt("The offer is with the customer and a day for the decision is named."),
                guidance=_lt(
                    "<p>Call within three days after the offer. Ask what is missing for a yes, "
                    "not whether they have read it.</p>"),
                items=(),
                criteria=(QUOTE, CLOSING)),
        )),
    "field_b2b": Style(
        name=_lt("Field B2B"),
        pitch=_lt("Visits to companies, few and large deals, several people decide."),
        playbook=_lt("Field sales to companies"),
        enforcement="warn",
        settings={
            "sales_handoff_hours": 8.0, "sales_handoff_remind_hours": 2.0,
            "sales_handoff_routing": True, "sales_handoff_need_required": True,
            "sales_handoff_authority_required": True, "sales_handoff_budget_required": True,
            "sales_handoff_timing_required": True,
            "sales_brief_reassigned": True, "sales_brief_hours": 8.0,
            "sales_what_next": True, "sales_story_prompt": True,
            "sales_forecast_period": "quarter",
            "sales_next_action": True, "sales_nudge": "weekly",
            "sales_stale_contact_days": 21, "sales_stale_stage_age": True,
            "sales_stale_deadline": True, "sales_stale_slips": 3,
            "sales_stale_escalation_days": 7,
            "sales_quote_draft_days": 3, "sales_quote_answer_days": 7,
            "sales_quote_expiry_days": 7, "sales_quote_extend_days": 30,
            "sales_report_reminder": True, "sales_playbook_enforcement": "warn",
        },
        steps=(
            Step(
                goal=_lt("A person who wants it, and a day for the visit."),
                guidance=_lt(
                    "<p>Find out before you drive: who will be there, what they use today, what "
                    "has changed.</p>"),
                items=(),
                criteria=(CONTACT, NEXT_ACTIVITY)),
            Step(
                goal=_lt("We have seen it and know who decides, who uses it and who pays."),
                guidance=_lt(
                    "<p>See the place where it will be used. Speak with a user, not with the "
                    "buyer alone. Write down what they promised and what you promised.</p>"),
                items=(_lt("Met whoever will use it"), _lt("Know who decides and who pays"),
                       _lt("Know what they compare us with")),
                criteria=(MEETING, CHECKLIST, AMOUNT)),
            Step(
                goal=_lt("The offer was explained, not only sent."),
                guidance=_lt(
                    "<p>Go through the offer together. Agree what happens until the decision and "
                    "put both sides' steps into dates.</p>"),
                items=(),
                criteria=(QUOTE, CLOSING, NEXT_ACTIVITY)),
        )),
    "b2c_shop": Style(
        name=_lt("B2C Shop"),
        pitch=_lt("Many small deals with consumers, quickly decided. As little typing as can be."),
        playbook=_lt("Shop"),
        enforcement="off",
        settings={
            "sales_handoff_routing": False, "sales_handoff_need_required": False,
            "sales_handoff_authority_required": False, "sales_handoff_budget_required": False,
            "sales_handoff_timing_required": False,
            "sales_brief_reassigned": False, "sales_what_next": False,
            "sales_story_prompt": False, "sales_forecast_period": "month",
            "sales_next_action": False, "sales_nudge": "off",
            "sales_stale_contact_days": 0, "sales_stale_stage_age": False,
            "sales_stale_deadline": False, "sales_stale_slips": 0,
            "sales_stale_escalation_days": 0,
            "sales_quote_draft_days": 1, "sales_quote_answer_days": 2,
            "sales_quote_expiry_days": 1, "sales_quote_extend_days": 7,
            "sales_report_reminder": False, "sales_playbook_enforcement": "off",
        },
        steps=(
            Step(
                goal=_lt("A name and a way to reach the customer."),
                guidance=_lt("<p>Ask what it is for and offer two choices, not ten.</p>"),
                items=(),
                criteria=(CONTACT,)),
            Step(
                goal=_lt("The customer has the price in writing."),
                guidance=_lt("<p>Send the quotation while the customer is still there.</p>"),
                items=(),
                criteria=(QUOTE,)),
        )),
}

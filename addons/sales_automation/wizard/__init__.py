from . import (
    crm_lead_lost,
    sales_handoff_reject,
    sales_handoff_request,
    sales_reassign,
    sales_recycle_plan,
    sales_snooze,
    sales_story_return,
    sales_story_send,
    sales_style_choice,
)

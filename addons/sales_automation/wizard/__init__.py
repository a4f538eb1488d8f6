from . import sales_handoff_reject, sales_handoff_request, sales_recycle_plan

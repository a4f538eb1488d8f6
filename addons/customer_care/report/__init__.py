from . import care_few  # the tables that stand on it come after it

# isort: split
from . import (
    care_case_letter,
    care_case_report,
    care_complaint_report,
    care_cost_report,
    care_cost_report_time,
    care_fcr_report,
    care_feedback_report,
    care_group_customer,
    care_proposal_report,
    care_sla_report,
    care_voice_report,
)

from . import (
    care_agreement_end,
    care_case_credit,
    care_case_merge,
    care_case_resolve,
    care_case_split,
    care_case_split_line,
    care_feedback_done,
    care_proposal_dismiss,
    care_reminder_ahead,
    care_survey_mail_preview,
)

from . import (
    sales_cycle_report,
    sales_discipline_report,
    sales_effort_report,
    sales_forecast_accuracy,
    sales_funnel_report,
    sales_handoff_report,
    sales_outcome_report,
    sales_stage_report,
    sales_story_report,
)

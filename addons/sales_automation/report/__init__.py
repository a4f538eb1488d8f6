from . import sales_outcome_report, sales_stage_report

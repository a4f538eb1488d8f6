from . import nurture_funnel, nurture_handover_report, nurture_stay_report

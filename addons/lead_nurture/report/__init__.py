# ruff: noqa: I001 the mixin goes before the models that take it
from . import nurture_average_mixin
from . import nurture_funnel
from . import nurture_handover_report
from . import nurture_scenario_report
from . import nurture_stay_report

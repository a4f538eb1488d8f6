{
    "name": "Lead Nurture",
    "version": "19.0.0.1.0",
    "summary": "Score leads with a reason, nurture them by scenario, hand the hot ones to sales",
    "category": "Marketing",
    "author": "Nurture to Care",
    "license": "LGPL-3",
    "depends": ["crm", "mass_mailing"],
    "data": [
        # security and the menu frame first: every other file hangs on them
        "security/lead_nurture_groups.xml",
        "security/ir.model.access.csv",
        "security/nurture_data_rules.xml",
        "security/nurture_scenario_rules.xml",
        "views/nurture_menus.xml",
        # records
        "data/ir_cron_data.xml",
        "data/ir_cron_scenario_data.xml",
        "data/nurture_dossier_templates.xml",
        "data/nurture_score_data.xml",
        # views
        "views/res_config_settings_views.xml",
    ],
    "application": True,
    "installable": True,
}

"""19.0.0.3.0: forms of steps and scenarios are made of parts, one for each kind; exits of steps are
free keys."""
from odoo.tools import SQL

SPLIT_FORMS = ("nurture_node_view_form", "nurture_scenario_view_form")


def migrate(cr, version):
    # the words of a selection that has become a text have nothing to hold on to any more
    cr.execute(
        SQL(
            """DELETE FROM ir_model_fields_selection s USING ir_model_fields f
                WHERE f.id = s.field_id AND f.name = 'label'
                  AND f.model IN ('nurture.edge', 'nurture.step.log')"""
        )
    )
    # what extended the forms would not find its place in them any more; it is loaded anew
    cr.execute(
        SQL(
            """WITH extension AS (
                   DELETE FROM ir_ui_view v USING ir_model_data form, ir_model_data own
                    WHERE form.module = 'lead_nurture' AND form.name = ANY(%s)
                      AND v.inherit_id = form.res_id
                      AND own.module = 'lead_nurture' AND own.model = 'ir.ui.view'
                      AND own.res_id = v.id
                RETURNING v.id)
               DELETE FROM ir_model_data d USING extension e
                WHERE d.module = 'lead_nurture' AND d.model = 'ir.ui.view' AND d.res_id = e.id""",
            list(SPLIT_FORMS),
        )
    )

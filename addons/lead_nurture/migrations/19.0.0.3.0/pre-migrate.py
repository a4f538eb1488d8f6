"""19.0.0.3.0: forms of steps and scenarios are made of parts, one for each kind; exits of steps are
free keys."""


def migrate(cr, version):
    # the words of a selection that has become a text have nothing to hold on to any more
    cr.execute(
        """DELETE FROM ir_model_fields_selection s USING ir_model_fields f
            WHERE f.id = s.field_id AND f.name = 'label'
              AND f.model IN ('nurture.edge', 'nurture.step.log')"""
    )
    # what extended the old forms finds its place again when it is loaded itself, after them;
    # the step behind the upgrade switches it on again
    cr.execute(
        """UPDATE ir_ui_view v SET active = FALSE
             FROM ir_model_data form, ir_model_data own
            WHERE form.module = 'lead_nurture' AND form.model = 'ir.ui.view'
              AND form.name IN ('nurture_node_view_form', 'nurture_scenario_view_form')
              AND v.inherit_id = form.res_id
              AND own.module = 'lead_nurture' AND own.model = 'ir.ui.view' AND own.res_id = v.id"""
    )

import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { NurtureEditor } from "./editor";

/** The editor on the form of a scenario. */
export class NurtureEditorWidget extends Component {
    static template = "lead_nurture.EditorWidget";
    static components = { NurtureEditor };
    static props = { ...standardWidgetProps };

    get record() {
        return this.props.record;
    }

    /** Changes when the form's own buttons have changed what the editor shows. */
    get signature() {
        const { state, version_id, draft_id, trigger_kind } = this.record.data;
        return [state, version_id?.id, draft_id?.id, trigger_kind].join("|");
    }

    openPage(page) {
        const notebook = document.querySelector(".o_form_view .o_notebook");
        notebook?.querySelector(`.nav-link[name="${page}"]`)?.click();
    }
}

registry.category("view_widgets").add("nurture_editor", {
    component: NurtureEditorWidget,
    additionalClasses: ["w-100"],
});

import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { NurtureExplanation } from "./explanation_card";

/**
 * The explanation of a score as a field.
 */
export class NurtureExplanationField extends Component {
    static template = "lead_nurture.ExplanationField";
    static components = { NurtureExplanation };
    static props = { ...standardFieldProps };

    get told() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("nurture_explanation", {
    component: NurtureExplanationField,
    supportedTypes: ["json"],
});

import { Component } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The way that one person took through a scenario, from top to bottom.
 */
export class NurturePathField extends Component {
    static template = "lead_nurture.PathField";
    static props = { ...standardFieldProps };

    get stops() {
        return this.props.record.data[this.props.name] || [];
    }

    moment(moment) {
        return toLocaleDateTimeString(deserializeDateTime(moment));
    }
}

registry.category("fields").add("nurture_path", {
    component: NurturePathField,
    supportedTypes: ["json"],
});

import { Component } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Each condition of a segment with its answer for one person, and what the answer rests on.
 */
export class NurtureReasonsField extends Component {
    static template = "lead_nurture.ReasonsField";
    static props = { ...standardFieldProps };

    get told() {
        return this.props.record.data[this.props.name] || { rows: [] };
    }

    ago(moment) {
        return deserializeDateTime(moment).toRelative();
    }

    moment(moment) {
        return toLocaleDateTimeString(deserializeDateTime(moment));
    }
}

registry.category("fields").add("nurture_reasons", {
    component: NurtureReasonsField,
    supportedTypes: ["json"],
});

import { Component, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Working hours as `_tell_hours` of the server says them: "45 min", "2 h 30 min", from ten hours on
 * without minutes; what is not known stays empty.
 */
export function formatHours(value) {
    if (typeof value !== "number") {
        return "";
    }
    const minutes = Math.round(60 * value);
    const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
    if (!hours) {
        return _t("%s min", rest);
    }
    if (!rest || hours >= 10) {
        return _t("%s h", hours + (rest >= 30 ? 1 : 0));
    }
    return _t("%(hours)s h %(minutes)s min", { hours, minutes: rest });
}

/** Measured hours in lists, forms, pivots and graphs alike; what is typed stays h:mm. */
export class CareHours extends Component {
    static template = xml`<span class="text-nowrap" t-esc="text"/>`;
    static props = { ...standardFieldProps };

    get text() {
        return formatHours(this.props.record.data[this.props.name]);
    }
}

registry.category("formatters").add("care_hours", formatHours);
registry.category("fields").add("care_hours", {
    component: CareHours,
    supportedTypes: ["float"],
});

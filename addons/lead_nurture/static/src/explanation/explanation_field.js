import { Component } from "@odoo/owl";
import { formatDate, deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const BAND_CLASSES = {
    hot: "text-bg-danger",
    warm: "text-bg-warning",
    cold: "text-bg-secondary",
};
const BAR_CLASSES = { hot: "bg-danger", warm: "bg-warning", cold: "bg-secondary" };

/**
 * Rule → points → when, with a sum that is the score.
 */
export class NurtureExplanationField extends Component {
    static template = "lead_nurture.ExplanationField";
    static props = { ...standardFieldProps };

    get told() {
        return this.props.record.data[this.props.name];
    }

    get groups() {
        return this.told.groups.filter((group) => group.rows.length);
    }

    get bandClass() {
        return BAND_CLASSES[this.told.band];
    }

    get barClass() {
        return BAR_CLASSES[this.told.band];
    }

    /** Share of the whole bar, in percent. */
    share(points) {
        return Math.max(0, Math.min(100, (100 * points) / (this.told.top || 100)));
    }

    signed(points) {
        return points > 0 ? `+${points}` : `${points}`.replace("-", "−");
    }

    day(moment) {
        return formatDate(deserializeDateTime(moment));
    }

    ago(moment) {
        return deserializeDateTime(moment).toRelative();
    }
}

registry.category("fields").add("nurture_explanation", {
    component: NurtureExplanationField,
    supportedTypes: ["json"],
});

import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * A score as a number with a bar. It is no percentage: the bar is full from 100 points.
 */
export class NurtureScoreField extends Component {
    static template = "lead_nurture.ScoreField";
    static props = { ...standardFieldProps };

    get points() {
        return this.props.record.data[this.props.name];
    }

    get width() {
        return Math.max(0, Math.min(100, this.points));
    }
}

registry.category("fields").add("nurture_score", {
    component: NurtureScoreField,
    supportedTypes: ["integer"],
});

import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { CareChart } from "../pictures/chart";

/** A chart on a form: the field holds what CareChart takes, or nothing. */
export class CareChartField extends Component {
    static template = "customer_care.ChartField";
    static components = { CareChart };
    static props = { ...standardFieldProps };

    get chart() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        return this.props.record.fields[this.props.name].string;
    }
}

registry.category("fields").add("care_chart", {
    component: CareChartField,
    supportedTypes: ["json"],
});

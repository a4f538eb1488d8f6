import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Where cold, warm and hot begin, as a bar that follows what is typed.
 */
export class NurtureThresholdsWidget extends Component {
    static template = "lead_nurture.ThresholdsWidget";
    static props = { ...standardWidgetProps };

    get limits() {
        return this.props.record.data;
    }

    get top() {
        const { total_cap, hot_at } = this.limits;
        return Math.max(total_cap || Math.round(hot_at * 1.4), hot_at, 1);
    }

    get isValid() {
        const { warm_at, hot_at } = this.limits;
        return warm_at > 0 && hot_at > warm_at;
    }

    get bands() {
        const { warm_at, hot_at } = this.limits;
        const end = this.limits.total_cap ? `${this.limits.total_cap}` : "∞";
        return [
            { key: "cold", label: _t("Cold"), from: 0, to: warm_at, end: warm_at - 1, class: "text-bg-secondary" },
            { key: "warm", label: _t("Warm"), from: warm_at, to: hot_at, end: hot_at - 1, class: "text-bg-warning" },
            { key: "hot", label: _t("Hot"), from: hot_at, to: this.top, end, class: "text-bg-danger" },
        ].filter((band) => band.to > band.from || band.key === "hot");
    }

    width(band) {
        return (100 * (band.to - band.from)) / this.top;
    }
}

registry.category("view_widgets").add("nurture_thresholds", {
    component: NurtureThresholdsWidget,
});

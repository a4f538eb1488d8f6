import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";

/**
 * A chart by the library that core bundles, in the colours of the text around it, whatever the
 * theme. `build` gets the palette and returns the configuration; the same figures stand beside it
 * as a table.
 */
export class BacktestChart extends Component {
    static template = "lead_nurture.BacktestChart";
    static props = { build: Function, label: String, signature: String };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.props.build(this.palette));
                return () => chart.destroy();
            },
            () => [this.props.signature]
        );
    }

    get palette() {
        const text = getComputedStyle(this.canvas.el.parentElement).color;
        return {
            series: (index) => getColor(index, cookie.get("color_scheme"), 3),
            text,
            grid: text.replace("rgb(", "rgba(").replace(")", ", 0.15)"),
        };
    }
}

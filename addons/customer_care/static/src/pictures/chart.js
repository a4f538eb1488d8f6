import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";
import { useService } from "@web/core/utils/hooks";

/** Numbers of an axis by what they count; money is told by the text around the chart. */
const UNITS = { percent: "%", days: " d" };

/**
 * Bars or lines in the colours of the text around them.
 *
 * chart: {type: "bar"|"hbar"|"line", labels, series: [{label, values, dashed, hidden}],
 *         kind: "count"|"percent"|"money"|"days", stacked, actions: one per label or absent}
 * A value of null leaves a gap. A click on a label's bar or point opens its action.
 */
export class CareChart extends Component {
    static template = "customer_care.Chart";
    static props = { chart: Object, label: String };

    setup() {
        this.canvas = useRef("canvas");
        this.action = useService("action");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [JSON.stringify(this.props.chart)]
        );
    }

    get lies() {
        return this.props.chart.type === "hbar";
    }

    get height() {
        const { labels, series } = this.props.chart;
        return this.lies ? 45 + (series.length > 1 ? 30 : 0) + 26 * labels.length : 220;
    }

    get config() {
        const { chart } = this.props;
        const text = getComputedStyle(this.canvas.el.parentElement).color;
        const named = {
            stacked: Boolean(chart.stacked),
            grid: { display: false },
            ticks: { color: text, autoSkip: !this.lies },
        };
        const measured = this.measure(text);
        return {
            type: chart.type === "line" ? "line" : "bar",
            data: { labels: chart.labels, datasets: chart.series.map((one, n) => this.draw(one, n)) },
            options: {
                indexAxis: this.lies ? "y" : "x",
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false, axis: this.lies ? "y" : "x" },
                scales: this.lies ? { x: measured, y: named } : { x: named, y: measured },
                plugins: {
                    legend: {
                        display: chart.series.length > 1,
                        labels: { color: text, boxWidth: 12 },
                    },
                },
                onClick: (event, found) => this.open(found[0]),
                onHover: (event, found) => {
                    const opens = found.length && this.actionOf(found[0]);
                    event.native.target.style.cursor = opens ? "pointer" : "default";
                },
            },
        };
    }

    measure(text) {
        const { kind, stacked } = this.props.chart;
        const short = new Intl.NumberFormat(undefined, { notation: "compact" });
        return {
            stacked: Boolean(stacked),
            beginAtZero: true,
            grid: { color: text.replace("rgb(", "rgba(").replace(")", ", 0.15)") },
            ticks: {
                color: text,
                maxTicksLimit: 6,
                precision: kind === "count" ? 0 : undefined,
                callback: (value) => short.format(value) + (UNITS[kind] || ""),
            },
        };
    }

    draw({ label, values, dashed, hidden }, index) {
        const color = getColor(index, cookie.get("color_scheme"), 6);
        return {
            label,
            data: values,
            hidden: Boolean(hidden),
            backgroundColor: color,
            borderColor: color,
            borderDash: dashed ? [6, 4] : [],
            pointRadius: values.length > 30 ? 0 : 3,
            maxBarThickness: 28,
            spanGaps: false,
        };
    }

    actionOf(found) {
        return found && this.props.chart.actions?.[found.index];
    }

    open(found) {
        const action = this.actionOf(found);
        return action && this.action.doAction(action);
    }
}

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor } from "@web/core/colors/colors";

/** A small chart in the colours of the text around it; the same figures stand in a table below. */
export class DashboardChart extends Component {
    static template = "sales_automation.DashboardChart";
    static props = { chart: Object, label: String };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [JSON.stringify(this.props.chart)]
        );
    }

    get isHorizontal() {
        return this.props.chart.type === "hbar";
    }

    get height() {
        const { labels, series } = this.props.chart;
        const legend = series.length > 1 ? 30 : 0;
        return this.isHorizontal ? 45 + legend + 26 * labels.length : 170;
    }

    get config() {
        const { labels, series, stacked, kind } = this.props.chart;
        const text = getComputedStyle(this.canvas.el.parentElement).color;
        const grid = text.replace("rgb(", "rgba(").replace(")", ", 0.15)");
        const short = new Intl.NumberFormat(undefined, { notation: "compact" });
        const measured = {
            stacked: Boolean(stacked),
            beginAtZero: true,
            grid: { color: grid },
            ticks: {
                color: text,
                maxTicksLimit: 5,
                precision: kind === "count" ? 0 : undefined,
                callback: (value) => short.format(value) + (kind === "percent" ? "%" : ""),
            },
        };
        const named = {
            stacked: Boolean(stacked),
            grid: { display: false },
            ticks: { color: text, autoSkip: !this.isHorizontal },
        };
        return {
            type: "bar",
            data: {
                labels,
                datasets: series.map(({ label, values }, index) => ({
                    label,
                    data: values,
                    backgroundColor: getColor(index, cookie.get("color_scheme"), 3),
                    maxBarThickness: 28,
                })),
            },
            options: {
                indexAxis: this.isHorizontal ? "y" : "x",
                maintainAspectRatio: false,
                animation: false,
                scales: this.isHorizontal ? { x: measured, y: named } : { x: named, y: measured },
                plugins: {
                    legend: { display: series.length > 1, labels: { color: text, boxWidth: 12 } },
                },
            },
        };
    }
}

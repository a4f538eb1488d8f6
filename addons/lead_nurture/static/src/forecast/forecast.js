import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { BacktestChart } from "../backtest/backtest_chart";

const { DateTime } = luxon;

/**
 * How many people will pass each step of a scenario on which day, and what that rests on.
 */
export class NurtureForecast extends Component {
    static template = "lead_nurture.Forecast";
    static components = { Layout, RecordSelector, BacktestChart };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.charts = { mails: _t("Mails a day"), inside: _t("People inside"), moves: _t("Coming and going") };
        this.state = useState({
            scenarioId: this.props.action.context?.active_id || false,
            scenario: false,
            days: 30,
            published: false,
            inflow: "",
            once: "",
            chart: "mails",
            found: false,
            audience: false,
            mayChange: false,
        });
        onWillStart(async () => {
            this.state.mayChange = await user.hasGroup("lead_nurture.group_lead_nurture_manager");
            await this.loadScenario(this.state.scenarioId);
        });
    }

    async loadScenario(scenarioId) {
        Object.assign(this.state, { scenarioId, scenario: false, found: false, audience: false });
        const fields = ["name", "draft_id", "version_id"];
        const [scenario] = await this.last.add(
            scenarioId ? this.orm.read("nurture.scenario", [scenarioId], fields) : Promise.resolve([])
        );
        if (scenario) {
            this.state.scenario = scenario;
            this.env.config.setDisplayName(_t("Forecast of “%s”", scenario.name));
            await this.load();
        }
    }

    async load() {
        const { scenarioId, days, published, inflow, once } = this.state;
        const number = (text) => (text === "" ? false : Number(text));
        this.state.found = await this.last.add(
            this.orm.call("nurture.scenario", "forecast", [
                [scenarioId],
                { days, published, inflow: number(inflow), once: number(once) },
            ])
        );
    }

    // -- options

    setDays(days) {
        this.state.days = days;
        return this.load();
    }

    setPublished(ev) {
        this.state.published = ev.target.value === "published";
        return this.load();
    }

    setInflow(ev) {
        this.state.inflow = ev.target.value;
        return this.load();
    }

    setOnce(ev) {
        this.state.once = ev.target.value;
        return this.load();
    }

    async takeAudience() {
        const audience = await this.orm.call("nurture.scenario", "forecast_audience", [
            [this.state.scenarioId],
        ]);
        this.state.once = String(audience);
        await this.load();
    }

    async setShare(step, exit, ev) {
        const percent = ev.target.value === "" ? false : Number(ev.target.value);
        await this.orm.call("nurture.scenario", "set_forecast_share", [
            [this.state.scenarioId],
            step.uid,
            exit.label,
            percent,
        ]);
        await this.load();
    }

    // -- records behind

    openStanding(step) {
        this.open(_t("People at “%s”", step.name), "nurture.enrolment", [
            ["scenario_id", "=", this.state.scenarioId],
            ["node_id.uid", "=", step.uid],
            ["is_open", "=", true],
        ]);
    }

    openHistory(step) {
        this.open(_t("Who left “%s”", step.name), "nurture.step.log", [
            ["scenario_id", "=", this.state.scenarioId],
            ["node_uid", "=", step.uid],
            ["label", "!=", false],
        ]);
    }

    open(name, model, domain) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain,
        });
    }

    // -- words and numbers

    get inflowText() {
        const { inflow } = this.state.found;
        const lately = inflow.per_day.toLocaleString(undefined, { maximumFractionDigits: 1 });
        return inflow.source === "enrolments"
            ? _t("lately %s entered a day", lately)
            : _t("lately %s leads a day could have entered", lately);
    }

    number(value) {
        if (!value) {
            return "–";
        }
        return value.toLocaleString(undefined, {
            maximumFractionDigits: value < 9.95 ? 1 : 0,
        });
    }

    total(values) {
        return values.reduce((sum, value) => sum + value, 0);
    }

    get weeks() {
        const { days } = this.state.found;
        return days
            .filter((day, index) => index % 7 === 0)
            .map((day) => DateTime.fromISO(day).toLocaleString({ day: "numeric", month: "short" }));
    }

    get mailSteps() {
        return this.state.found.steps.filter((step) => step.kind === "mail");
    }

    get mailsByDay() {
        return this.state.found.days.map((day, index) =>
            this.total(this.mailSteps.map((step) => step.arrive[index]))
        );
    }

    get insideByDay() {
        return this.state.found.days.map((day, index) =>
            this.total(this.state.found.steps.map((step) => step.standing[index]))
        );
    }

    get busiest() {
        const mails = this.mailsByDay;
        const most = Math.max(...mails);
        if (!(most > 0)) {
            return "";
        }
        const day = DateTime.fromISO(this.state.found.days[mails.indexOf(most)]);
        return _t("%(mails)s mails in %(days)s days; most on %(day)s: %(most)s.", {
            mails: this.number(this.total(mails)),
            days: mails.length,
            day: day.toLocaleString({ weekday: "short", day: "numeric", month: "short" }),
            most: this.number(most),
        });
    }

    /** Changes whenever the chart has to be drawn anew. */
    get signature() {
        return JSON.stringify([this.state.chart, this.state.found]);
    }

    // -- the chart

    buildChart(palette) {
        const { found, chart } = this.state;
        const sets = {
            mails: () => this.mailSteps.map((step) => ({ label: step.name, data: step.arrive })),
            inside: () =>
                found.steps
                    .filter((step) => step.standing.some((people) => people > 0.05))
                    .map((step) => ({ label: step.name, data: step.standing })),
            moves: () => [
                { label: _t("Enter"), data: found.entered },
                { label: _t("Reach the end or leave"), data: found.ended },
            ],
        }[chart]();
        const axis = (extra) => ({
            ticks: { color: palette.text, precision: 0 },
            grid: { color: palette.grid },
            beginAtZero: true,
            ...extra,
        });
        return {
            type: chart === "moves" ? "line" : "bar",
            data: {
                labels: found.days.map((day) =>
                    DateTime.fromISO(day).toLocaleString({ day: "numeric", month: "short" })
                ),
                datasets: sets.map((set, index) => ({
                    ...set,
                    backgroundColor: palette.series(index),
                    borderColor: palette.series(index),
                    borderDash: index % 2 ? [6, 3] : [],
                    pointRadius: 0,
                })),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                plugins: { legend: { labels: { color: palette.text } } },
                scales: {
                    x: axis({ stacked: chart !== "moves", ticks: { color: palette.text, maxTicksLimit: 12 } }),
                    y: axis({ stacked: chart !== "moves" }),
                },
            },
        };
    }
}

registry.category("actions").add("nurture_forecast", NurtureForecast);

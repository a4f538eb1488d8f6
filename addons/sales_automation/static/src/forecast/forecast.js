import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatCurrency, getCurrency } from "@web/core/currency";
import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { useSetupAction } from "@web/search/action_hook";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const SURE = [
    { name: "closed", tone: "bg-success", plus: false },
    { name: "commit", tone: "bg-info", plus: true },
    { name: "best_case", tone: "bg-warning", plus: true },
    { name: "pipeline", tone: "bg-secondary", plus: true },
];

/** What a month or quarter will bring: company, teams, persons; every figure opens its deals. */
export class SalesForecast extends Component {
    static template = "sales_automation.Forecast";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.columns = SURE;
        this.labels = {
            closed: _t("Won"),
            commit: _t("Commit"),
            best_case: _t("Best Case"),
            pipeline: _t("Pipeline"),
        };
        const kept = this.props.state || {};
        this.state = useState({ board: null, changes: null, kind: kept.kind, start: kept.start });
        useSetupAction({
            getLocalState: () => ({ kind: this.state.kind, start: this.state.start }),
        });
        onWillStart(() => this.load());
    }

    async load(kind = this.state.kind, start = this.state.start) {
        Object.assign(this.state, await this.last.add(this.read(kind, start)));
    }

    async read(kind, start) {
        const board = await this.orm.call("sales.forecast", "get_forecast", [
            kind || false,
            start || false,
        ]);
        const { kind: shown, start: since } = board.period;
        const changes = await this.orm.call("sales.forecast", "get_changes", [shown, since]);
        return { board, changes, kind: shown, start: since };
    }

    setKind(kind) {
        const { period, today } = this.state.board;
        return this.load(kind, period.is_current ? today : period.start);
    }

    // ---- figures in words ---------------------------------------------------------------------

    get rows() {
        return this.state.board.rows;
    }

    get top() {
        return this.rows[0];
    }

    get isEmpty() {
        return !this.top.count && this.rows.length === 1 && this.top.target === null;
    }

    /** Company and team say nothing beside one person. */
    get visibleRows() {
        const persons = this.rows.filter((row) => row.level === "person");
        return persons.length === 1 && !this.top.can_adjust ? persons : this.rows;
    }

    money(amount) {
        return formatCurrency(amount, this.state.board.currency_id, { digits: [16, 0] });
    }

    /** In the table the currency stands once, in its head: nine columns of amounts fit a laptop. */
    figure(amount) {
        return formatCurrency(amount, this.state.board.currency_id, {
            digits: [16, 0],
            noSymbol: true,
        });
    }

    change(amount) {
        return (amount > 0 ? "+" : "") + this.figure(amount);
    }

    get currencySymbol() {
        return getCurrency(this.state.board.currency_id)?.symbol || "";
    }

    signed(amount) {
        return (amount > 0 ? "+" : "") + this.money(amount);
    }

    day(text) {
        return toLocaleDateString(deserializeDate(text));
    }

    deals(count) {
        return count === 1 ? _t("1 deal") : _t("%s deals", count);
    }

    percent(part, whole) {
        return whole > 0 ? Math.min(100, Math.round((100 * part) / whole)) : 0;
    }

    /** Widths of the bar: each category beside the surer ones, up to the target or the sum. */
    segments(row) {
        const whole = Math.max(row.ladder.pipeline, row.target || 0);
        let before = 0;
        return SURE.map(({ name, tone }) => {
            const own = row.ladder[name] - before;
            before = row.ladder[name];
            return { name, tone, own, width: whole > 0 ? Math.max(0, (100 * own) / whole) : 0 };
        }).filter((part) => part.own > 0);
    }

    coverage(row) {
        if (row.target === null) {
            return { text: _t("no target"), tone: "text-muted", title: _t("Coverage needs a target.") };
        }
        if (row.is_reached) {
            return { text: _t("reached"), tone: "text-success", title: _t("The target is won.") };
        }
        const title = _t("%(open)s open for the %(missing)s to the target", {
            open: this.money(row.open),
            missing: this.money(row.target - row.ladder.closed),
        });
        const tone =
            row.coverage >= 3 ? "text-success" : row.coverage >= 1 ? "text-warning" : "text-danger";
        // just before the target the ratio is huge and says nothing more
        const text =
            row.coverage > 99
                ? _t("over 99 ×")
                : `${formatFloat(row.coverage, { digits: [16, 1] })} ×`;
        return { text, tone, title };
    }

    wordsTitle(row) {
        return row.words.map((word) => this.describe(word)).join("\n") || undefined;
    }

    describe(word) {
        const what = {
            delta: _t("%s on the sum", this.signed(word.amount)),
            absolute: _t("this amount, whatever the deals say"),
        }[word.kind];
        const told = _t("%(who)s: %(what)s. %(reason)s", { who: word.by, what, reason: word.reason });
        return word.month ? `${word.month} · ${told}` : told;
    }

    // ---- what one can do ----------------------------------------------------------------------

    async open(column, row = this.top) {
        const { kind, start } = this.state.board.period;
        const action = await this.orm.call("sales.forecast", "open_deals", [
            kind,
            start,
            column,
            row.team_id || false,
            row.user_id || false,
            row.level,
        ]);
        return this.action.doAction(action);
    }

    async openChanged(reason) {
        const { kind, start } = this.state.board.period;
        return this.action.doAction(
            await this.orm.call("sales.forecast", "open_changed", [kind, start, reason])
        );
    }

    adjust(row) {
        const { kind, start, label } = this.state.board.period;
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("%(who)s in %(period)s", { who: row.name, period: label }),
                res_model: "sales.forecast.adjustment",
                views: [[false, "form"]],
                target: "new",
                context: {
                    default_period_kind: kind,
                    default_date_start: start,
                    default_team_id: row.team_id || false,
                    default_user_id: row.user_id || false,
                    default_base_amount: row.forecast,
                },
            },
            { onClose: () => this.load() }
        );
    }

    async takeSnapshot() {
        await this.action.doAction(
            await this.orm.call("sales.forecast.snapshot", "action_take_now", [[]])
        );
        return this.load();
    }

    openTargets() {
        return this.action.doAction("sales_automation.sales_target_action");
    }
}

registry.category("actions").add("sales_automation.forecast", SalesForecast);

import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { tellDue, tellSpan } from "../age/age";

const { DateTime } = luxon;
const EVERY = 30000;
const KEPT_AS = "customer_care.board.team";

/** The team's wall, counted anew every half minute while somebody can see it. */
export class CareBoard extends Component {
    static template = "customer_care.Board";
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ page: false, lost: false, now: DateTime.now() });
        onWillStart(() => this.load(Number(browser.localStorage.getItem(KEPT_AS)) || false));
        const timer = browser.setInterval(() => this.tick(), EVERY);
        const seen = () => this.tick();
        browser.addEventListener("visibilitychange", seen);
        onWillUnmount(() => {
            browser.clearInterval(timer);
            browser.removeEventListener("visibilitychange", seen);
        });
        useHotkey("escape", () => this.leave(), { global: true });
    }

    tick() {
        if (!document.hidden) {
            return this.load(this.team);
        }
    }

    async load(team) {
        this.team = team;
        try {
            const page = await this.orm.silent.call("care.board", "get_board", [], { team_id: team });
            if (this.team === team) {
                Object.assign(this.state, { page, lost: false, now: DateTime.now() });
            }
        } catch (error) {
            if (!this.state.page) {
                throw error;
            }
            // a wall shows the last it knows, and says that it is not of now
            this.state.lost = true;
        }
    }

    choose(team) {
        browser.localStorage.setItem(KEPT_AS, team);
        return this.load(Number(team) || false);
    }

    get at() {
        return deserializeDateTime(this.state.page.now).toLocaleString(DateTime.TIME_SIMPLE);
    }

    /** Minutes until a case is due (negative: overdue), or since its customer waits. */
    span(row) {
        const moment = row.due || row.since;
        if (!moment) {
            return "";
        }
        const minutes = deserializeDateTime(moment).diff(this.state.now, "minutes").minutes;
        if (row.due) {
            return tellDue(minutes);
        }
        return _t("waits %s", tellSpan(Math.max(0, -minutes)));
    }

    isLate(row) {
        return Boolean(row.due) && deserializeDateTime(row.due) < this.state.now;
    }

    openCases(name, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window", name, res_model: "care.case", domain,
            views: [[false, "list"], [false, "kanban"], [false, "form"]],
        }, { clearBreadcrumbs: true });
    }

    openCase(row) {
        return this.action.doAction({
            type: "ir.actions.act_window", res_model: "care.case", res_id: row.id,
            views: [[false, "form"]],
        }, { clearBreadcrumbs: true });
    }

    leave() {
        return this.action.doAction("customer_care.care_case_action", { clearBreadcrumbs: true });
    }
}

registry.category("actions").add("customer_care.board", CareBoard);

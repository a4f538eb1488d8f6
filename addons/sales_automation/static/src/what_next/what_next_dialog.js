import { Component, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDate, serializeDate, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";

/** A step is done: the next one is planned with one click on its day. */
export class WhatNextDialog extends Component {
    static template = "sales_automation.WhatNextDialog";
    static components = { Dialog };
    static props = {
        question: Object,
        planned: Function, // called when the deal was changed
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({
            kindId: this.props.question.proposed_id,
            summary: "",
            busy: false,
        });
    }

    get days() {
        return this.props.question.days.map((one) => ({
            ...one,
            detail: deserializeDate(one.day).toLocaleString({
                weekday: "short",
                day: "numeric",
                month: "short",
            }),
        }));
    }

    get firstDay() {
        return serializeDate(today());
    }

    async call(method, args = []) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            return await this.orm.call("crm.lead", method, [[this.props.question.lead_id], ...args]);
        } finally {
            this.state.busy = false;
        }
    }

    async plan(day) {
        if (!day || !(await this.call("plan_next_step", [this.state.kindId, day, this.state.summary]))) {
            return;
        }
        const kind = this.props.question.kinds.find((one) => one.id === this.state.kindId);
        const when = deserializeDate(day).toLocaleString({ weekday: "long", day: "numeric", month: "long" });
        this.notification.add(_t("%(what)s is planned for %(when)s.", { what: kind.name, when }), {
            type: "success",
        });
        this.finish();
    }

    async startPlan() {
        if (await this.call("playbook_start_plan", [this.props.question.plan.step_id])) {
            this.notification.add(_t("The plan of this stage has started."), { type: "success" });
            this.finish();
        }
    }

    /** Another dialog, or a word of praise, takes the place of this one. */
    async other(method) {
        if (this.state.busy) {
            return;
        }
        const action = await this.call(method);
        this.props.close();
        if (action && typeof action === "object" && action.type) {
            await this.action.doAction(action, { onClose: () => this.props.planned() });
        }
        if (!action || action.target !== "new") {
            this.props.planned();
        }
    }

    finish() {
        this.props.close();
        this.props.planned();
    }
}

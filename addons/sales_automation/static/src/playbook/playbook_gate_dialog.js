import { Component, onWillStart, useState } from "@odoo/owl";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { PlaybookFields } from "./playbook_fields";

// Of more deals only the text is shown: nobody fills the fields of forty deals in a dialog.
const EDITABLE_DEALS = 5;

/**
 * What stands between the deals and the stage they were sent to: fields are filled and boxes are
 * ticked here, and the deals go on in the same step. Whoever may, lets them pass with a reason.
 */
export class PlaybookGateDialog extends Component {
    static template = "sales_automation.PlaybookGateDialog";
    static components = { CheckBox, Dialog, PlaybookFields };
    static props = { leadIds: Array, stageId: Number, onMoved: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.records = {};
        this.state = useState({
            gate: null, ticks: {}, busy: false, error: "", passing: false, reason: "", round: 0,
        });
        onWillStart(() => this.load());
    }

    get gate() {
        return this.state.gate;
    }

    get title() {
        return _t("To go on to %s", this.gate.stage.name);
    }

    get editable() {
        return this.gate.deals.length <= EDITABLE_DEALS;
    }

    get canOverride() {
        return this.gate.deals.length > 0 && this.gate.deals.every((deal) => deal.can_override);
    }

    /** Everything that is missing can be done in this dialog. */
    get solvable() {
        return this.gate.deals.every((deal) => deal.missing.every((row) => this.canDoHere(row)));
    }

    /** There is something to fill or tick here, even if it is not all. */
    get fillable() {
        return this.gate.deals.some((deal) => deal.missing.some((row) => this.canDoHere(row)));
    }

    canDoHere(row) {
        return this.editable && ((row.kind === "field" && row.editable) || row.items.length > 0);
    }

    fieldsOf(deal) {
        return deal.missing.filter((row) => row.field && row.editable).map((row) => row.field);
    }

    async load() {
        const gate = await this.orm.call("crm.lead", "playbook_gate", [
            this.props.leadIds, this.props.stageId]);
        for (const deal of gate.deals) {
            const ticks = (this.state.ticks[deal.id] ??= {});
            for (const item of deal.missing.flatMap((row) => row.items)) {
                ticks[item.id] ??= item.checked;
            }
        }
        this.records = {};
        this.state.gate = gate;
        this.state.round++;
    }

    onRecord(leadId, record) {
        this.records[leadId] = record;
    }

    /** Collect what was filled and ticked, by deal; false when a value cannot be saved. */
    async collect() {
        const values = {};
        for (const [leadId, record] of Object.entries(this.records)) {
            if (!(await record.checkValidity())) {
                return false;
            }
            const changes = await record.getChanges();
            if (Object.keys(changes).length) {
                values[leadId] = changes;
            }
        }
        const ticks = {};
        for (const deal of this.gate.deals) {
            ticks[deal.id] = Object.entries(this.state.ticks[deal.id])
                .filter(([, checked]) => checked)
                .map(([itemId]) => Number(itemId));
        }
        return { values, ticks };
    }

    async send(leadIds, stageId, reason) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            const filled = await this.collect();
            if (!filled) {
                this.state.error = _t("Please correct the marked fields.");
                return;
            }
            await this.orm.call("crm.lead", "playbook_go_on", [leadIds, stageId], {
                ...filled, reason: reason || false,
            });
            this.props.onMoved();
            this.props.close();
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            this.state.error = error.data.message;
        } finally {
            this.state.busy = false;
        }
    }

    goOn() {
        return this.send(this.props.leadIds, this.props.stageId);
    }

    save() {
        return this.send(this.props.leadIds, false);
    }

    moveReady() {
        return this.send(this.gate.ready, this.props.stageId);
    }

    letPass() {
        if (!this.state.reason.trim()) {
            this.state.error = _t("Say why these deals may pass; the reason is kept.");
            return;
        }
        return this.send(this.props.leadIds, this.props.stageId, this.state.reason);
    }
}

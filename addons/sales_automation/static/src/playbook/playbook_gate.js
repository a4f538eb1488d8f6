import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";
import { StatusBarField } from "@web/views/fields/statusbar/statusbar_field";
import { PlaybookFieldsDialog } from "./playbook_fields_dialog";
import { PlaybookGateDialog } from "./playbook_gate_dialog";

const REFUSAL = "odoo.addons.sales_automation.models.playbook_refusal.PlaybookRefusal";

function isRefusal(error) {
    return error instanceof RPCError && error.exceptionName === REFUSAL;
}

/** Open the dialog; resolves when it is closed, with whether deals were moved or changed. */
function openGate(env, leadIds, stageId) {
    return new Promise((resolve) => {
        let moved = false;
        env.services.dialog.add(
            PlaybookGateDialog,
            { leadIds, stageId, onMoved: () => (moved = true) },
            { onClose: () => resolve(moved) }
        );
    });
}

/** Wherever the server refuses a move, the dialog opens instead of an error. */
function playbookRefusalHandler(env, error, originalError) {
    const { playbook_lead_ids, playbook_stage_id } = originalError?.data?.context || {};
    if (!isRefusal(originalError) || !playbook_lead_ids) {
        return false;
    }
    error.unhandledRejectionEvent?.preventDefault();
    openGate(env, playbook_lead_ids, playbook_stage_id).then((moved) => {
        if (moved) {
            env.services.action.doAction("soft_reload");
        }
    });
    return true;
}
registry
    .category("error_handlers")
    .add("sales_automation.playbook_refusal", playbookRefusalHandler, { sequence: 90 });

// Closing tells whoever opened the dialog to load the deal again.
const CLOSE = { type: "ir.actions.act_window_close" };

registry.category("actions").add("sales_automation.playbook_gate", async (env, action) => {
    await openGate(env, action.params.lead_ids, action.params.stage_id);
    return CLOSE;
});

registry.category("actions").add("sales_automation.playbook_fields", (env, action) =>
    new Promise((resolve) => {
        env.services.dialog.add(
            PlaybookFieldsDialog,
            { title: action.name, leadId: action.params.lead_id, fields: action.params.fields },
            { onClose: () => resolve(CLOSE) }
        );
    })
);

/**
 * A click on the stage bar saves the form. What else was typed is saved first, so that a refused
 * stage takes nothing with it; then the bar shows the stage in which the deal still is.
 */
patch(StatusBarField.prototype, {
    async selectItem() {
        const { name, record } = this.props;
        if (record.resModel !== "crm.lead" || name !== "stage_id" || !record.resId) {
            return super.selectItem(...arguments);
        }
        if ((await record.isDirty()) && !(await record.save())) {
            return;
        }
        try {
            return await super.selectItem(...arguments);
        } catch (error) {
            if (isRefusal(error)) {
                await record.discard();
            }
            throw error;
        }
    },
});

import { rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

import { DEAL_CHANGED } from "../deal_panel/pulse";
import { WhatNextDialog } from "./what_next_dialog";

// What the client calls when somebody marks an activity done, from whichever place. "Done and
// schedule next" is not among them: core opens its own dialog then.
const DONE = ["action_feedback", "action_done", "action_done_redirect_to_other", "action_no_answer"];

/**
 * Ask "what next?" after an activity was done. Chatter, popovers, the activity view, lists, kanban
 * and My Day all pass through the same call to the server; the server says whether to ask.
 */
export const whatNextService = {
    dependencies: ["dialog", "orm"],
    start(env, { dialog, orm }) {
        let isOpen = false;
        const ask = async (ids) => {
            const question = await orm.silent.call("mail.activity", "get_what_next", [ids]);
            if (!question || isOpen) {
                return;
            }
            isOpen = true;
            dialog.add(
                WhatNextDialog,
                { question, planned: () => this.refresh(env, question.lead_id) },
                { onClose: () => (isOpen = false) }
            );
        };
        rpcBus.addEventListener("RPC:RESPONSE", ({ detail: { data, error } }) => {
            const { model, method, args } = data.params || {};
            if (error || model !== "mail.activity" || !DONE.includes(method) || !args?.[0]) {
                return;
            }
            // The step is done whatever becomes of the question: a failure of it is no message.
            ask([args[0]].flat()).catch((reason) => console.warn("What next?", reason));
        });
    },

    /** Whatever shows the deal shows what was planned, the chatter too. */
    refresh(env, leadId) {
        env.bus.trigger(DEAL_CHANGED);
        const store = env.services["mail.store"];
        const thread = store?.Thread.get({ model: "crm.lead", id: leadId });
        thread?.fetchThreadData?.(["activities", "messages"]);
    },
};

registry.category("services").add("sales_automation.what_next", whatNextService);

import { onWillUnmount, useEnv } from "@odoo/owl";

import { rpcBus } from "@web/core/network/rpc";
import { useBus } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

/** Calls that change nothing. */
export const QUIET =
    /^(activity_format|get_|search|name_|read|fetch|web_search|web_name|web_read|has_|onchange)/;

/** Said on the client's bus when a deal was changed by something that no view has asked for. */
export const DEAL_CHANGED = "SALES_DESK:DEAL_CHANGED";

/** Ids of the records that a call was about; a call on a model alone has none. */
export function idsOf(params) {
    const ids = params?.args?.[0];
    return Array.isArray(ids) ? ids : [ids];
}

/**
 * Call back, a moment later and once, when something that a deal shows may have changed: the form
 * read or saved it, an activity was planned, done or dropped, a message was sent. All of them pass
 * through here, whichever view, popover or button they come from.
 *
 * @param {() => number | undefined} getLeadId
 * @param {() => void} callback
 */
export function useDealPulse(getLeadId, callback) {
    const beat = useDebounced(callback, 200);
    useBus(rpcBus, "RPC:RESPONSE", ({ detail: { data, error } }) => {
        if (error || !getLeadId()) {
            return;
        }
        const { model, method, thread_model: thread } = data.params || {};
        const isDeal =
            model === "crm.lead" &&
            (method === "web_read" || !QUIET.test(method)) &&
            idsOf(data.params).includes(getLeadId());
        const isActivity = model === "mail.activity" && !QUIET.test(method);
        if (isDeal || isActivity || thread === "crm.lead") {
            beat();
        }
    });
    useBus(useEnv().bus, DEAL_CHANGED, beat);
    onWillUnmount(() => beat.cancel());
}

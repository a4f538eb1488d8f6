import { onMounted, onWillUnmount, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

const EVERY_MS = 12_000;

/**
 * The people at each step, asked again and again while somebody looks and the scenario runs.
 * @param {() => ({version: number, live: boolean} | null)} shown
 */
export function useLiveNumbers(shown) {
    const orm = useService("orm");
    const numbers = useState({ steps: {} });
    let timer;

    async function refresh() {
        const { version } = shown() || {};
        if (!version) {
            return;
        }
        const steps = await orm.silent.call(
            "nurture.scenario.version", "get_editor_numbers", [[version]]
        );
        if (shown()?.version === version) {
            numbers.steps = steps;
        }
    }

    onMounted(() => {
        timer = setInterval(() => {
            if (document.visibilityState === "visible" && shown()?.live) {
                refresh().catch(() => {});
            }
        }, EVERY_MS);
    });
    onWillUnmount(() => clearInterval(timer));
    return { numbers, refresh };
}

import { useService } from "@web/core/utils/hooks";

/**
 * One question at a time: a second click or a held key that comes before the dialog is drawn asks
 * nothing.
 * @param {Function} [add] how a dialog is opened
 * @returns {((component: Function, props: Object) => void) & {isOpen: () => boolean}}
 */
export function useOneDialog(add = useService("dialog").add) {
    let isOpen = false;
    const ask = (component, props) => {
        if (!isOpen) {
            isOpen = true;
            add(component, props, { onClose: () => (isOpen = false) });
        }
    };
    return Object.assign(ask, { isOpen: () => isOpen });
}

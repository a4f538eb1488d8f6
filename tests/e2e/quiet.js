// What the page has under way: calls, scripts and styles that it loads late. Runs before the page's own.
(() => {
    const under = (window.underWay = { count: 0 });
    const { fetch } = window;
    window.fetch = (...asked) => {
        under.count++;
        return fetch(...asked).finally(() => under.count--);
    };
    const { send } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function (...sent) {
        under.count++;
        this.addEventListener("loadend", () => under.count--, { once: true });
        return send.apply(this, sent);
    };
    const load = (node) => {
        under.count++;
        for (const end of ["load", "error"]) {
            node.addEventListener(end, () => under.count--, { once: true });
        }
    };
    addEventListener("load", () => {
        const late = (changes) => changes.flatMap((change) => [...change.addedNodes])
            .filter((node) => node.matches?.("script[src], link[rel=stylesheet]")).forEach(load);
        new MutationObserver(late).observe(document, { childList: true, subtree: true });
    });
})();

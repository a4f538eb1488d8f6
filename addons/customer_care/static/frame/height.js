// In a frame of another site: the page around it hears how tall the form is, and when it answers.
// Who may show the frame is said by its headers; what is told is no secret.
(() => {
    const form = document.querySelector(".o_care_contact");
    if (window.parent === window || !form) {
        return;
    }
    let answers = "answer" in form.dataset;
    new ResizeObserver(() => {
        const care = { height: Math.ceil(form.getBoundingClientRect().height), answers };
        window.parent.postMessage({ care }, "*");
        answers = false;
    }).observe(form);
})();

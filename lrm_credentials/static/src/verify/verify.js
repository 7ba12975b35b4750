/** @odoo-module ignore **/
// Compares a PDF with the issued one, by SHA-256, in the browser: nothing is sent.
(function () {
    "use strict";

    document.addEventListener("DOMContentLoaded", () => {
        const drop = document.getElementById("drop");
        if (!drop) {
            return;
        }
        if (!window.crypto?.subtle) {
            show("insecure");
            return;
        }
        const input = document.getElementById("pdf");
        drop.hidden = false;
        input.addEventListener("change", () => compare(drop, input.files));
        // A file that misses the field would otherwise replace the page.
        for (const event of ["dragover", "drop"]) {
            document.addEventListener(event, (ev) => ev.preventDefault());
        }
        for (const [event, isOver] of [
            ["dragover", true],
            ["dragleave", false],
            ["drop", false],
        ]) {
            drop.addEventListener(event, () =>
                drop.classList.toggle("drop-over", isOver)
            );
        }
        drop.addEventListener("drop", (ev) => {
            input.value = "";
            compare(drop, ev.dataTransfer.files);
        });
    });

    let latest = null;

    async function compare(drop, files) {
        latest = files;
        if (files.length !== 1) {
            show(files.length ? "unreadable" : null);
            return;
        }
        show("working", files[0].name);
        let outcome = null;
        try {
            const content = await files[0].arrayBuffer();
            const digest = await crypto.subtle.digest("SHA-256", content);
            const hex = Array.from(new Uint8Array(digest), (byte) =>
                byte.toString(16).padStart(2, "0")
            ).join("");
            outcome = hex === drop.dataset.sha256 ? "same" : "different";
        } catch {
            outcome = "unreadable";
        }
        if (files === latest) {
            show(outcome, files[0].name);
        }
    }

    function show(outcome, fileName = "") {
        for (const sentence of document.querySelectorAll("[data-outcome]")) {
            sentence.hidden = sentence.dataset.outcome !== outcome;
        }
        const name = document.querySelector("[data-file]");
        name.textContent = fileName;
        name.hidden = !fileName;
    }
})();

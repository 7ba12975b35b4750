import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {patch} from "@web/core/utils/patch";
import {
    chooseStatus,
    click,
    openRegister,
    openRow,
    readonly,
    withoutButtons,
} from "./steps";

let opened = "";

registry.category("web_tour.tours").add("lrm_issued_readonly", {
    steps: () => [
        ...openRegister(),
        ...chooseStatus("Issued"),
        openRow("Ana Lee"),
        {trigger: '.o_arrow_button_current[data-value="issued"]'},
        {trigger: readonly("template_id", "Qualification Certificate")},
        {trigger: readonly("credential_date", "Dec 1")},
        {trigger: readonly("issuing_officer_id", "Margaret Chen")},
        {trigger: readonly("request_reason", "For her wall")},
        {
            content: "Nothing at all on the sheet can be edited",
            trigger: ".o_form_sheet:not(:has(input:enabled, textarea, select))",
        },
        {
            trigger: withoutButtons(
                ".o_form_view",
                "action_preview",
                "action_issue",
                "action_cancel"
            ),
        },
        {
            content: "A new tab would leave the tour: only note its address",
            trigger: "body",
            run() {
                patch(browser, {
                    open(url) {
                        opened = url;
                        return {closed: false};
                    },
                });
            },
        },
        click("action_open_document"),
        {
            content: "It is a PDF that the requester may read",
            trigger: "body",
            async run({waitUntil}) {
                await waitUntil(() => opened);
                const response = await fetch(opened);
                const text = await response.text();
                if (!text.startsWith("%PDF")) {
                    throw new Error(`${opened} is not a PDF: ${response.status}`);
                }
            },
        },
    ],
});

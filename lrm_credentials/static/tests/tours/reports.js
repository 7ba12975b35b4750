import {registry} from "@web/core/registry";
import {button, field, menu, openRegister, title} from "./steps";

/** Opens the wizard of a report, from the menu of that name. */
const openReport = (name) => [
    {trigger: menu("lrm_report_menu"), run: "click"},
    {trigger: menu(name), run: "click"},
    {trigger: `.modal ${field("report")}`},
];

registry.category("web_tour.tours").add("lrm_reports", {
    steps: () => [
        ...openRegister("All"),
        ...openReport("lrm_register_report_menu"),
        {
            trigger: `.modal ${field("report")} label:contains("0411")`,
            run: "click",
        },
        {trigger: `.modal ${button("action_open")}`, run: "click"},
        {trigger: title("0411 Register by Course Offer")},
        {trigger: ".o_group_header:contains(DIP-2025)"},
        {trigger: ".o_switch_view.o_pivot", run: "click"},
        {trigger: ".o_pivot th:contains(DIP-2025)"},
        ...openReport("lrm_register_report_menu_regulator"),
        {
            trigger: `.modal ${field("date_from")}`,
            run: ({anchor}) => {
                if (!anchor.textContent && !anchor.querySelector("input")?.value) {
                    throw new Error("The extract opens without a period");
                }
            },
        },
        {trigger: `.modal ${button("action_open")}`, run: "click"},
        {trigger: title("0323 Register by Course")},
        {trigger: ".o_group_header:contains(BSB50420)"},
    ],
});

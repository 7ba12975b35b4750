import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";
import {button, choose, click, field, openMenu, row, title, type} from "./steps";

const units = ["BSBCMM511", "BSBLDR523", "BSBTWK502"];
const achieved = "20 Competency achieved";

registry.category("web_tour.tours").add("lrm_first_time", {
    steps: () => [
        ...openMenu("Course Offers", "lrm_course_offer_menu"),
        {trigger: ".o_list_button_add", run: "click"},
        type("code", "TRY-1"),
        ...choose("course_id", "BSB50420"),
        {trigger: `${field("is_test")} input`, run: "check"},
        ...stepUtils.saveForm(),
        click("action_enrol"),
        {trigger: `.modal ${field("unit_ids")}:contains(BSBCMM511)`},
        ...choose("partner_ids", "Ana Lee"),
        ...choose("partner_ids", "Ben Okafor"),
        {trigger: `.modal-footer ${button("action_enrol")}`, run: "click"},
        {trigger: title("Enrolments of TRY-1")},
        {trigger: row("Ana Lee", "0/3")},
        {trigger: row("Ben Okafor", "0/3")},
        {trigger: ".o_breadcrumb a:contains(TRY-1)", run: "click"},
        click("action_view_unit_enrolments"),
        {trigger: title("Unit Outcomes")},
        ...units.flatMap((unit) => [
            {
                content: `Open the group of ${unit}, unless it is`,
                trigger: `.o_group_header:contains(${unit})`,
                async run({click: clickOn, queryFirst}) {
                    if (!queryFirst(row("Ana Lee", unit))) {
                        await clickOn();
                    }
                },
            },
            {trigger: row("Ana Lee", unit)},
        ]),
        {trigger: "thead .o_list_record_selector input", run: "click"},
        {trigger: '.o_selection_box:contains("6 selected")'},
        {
            trigger: `${row("Ana Lee", units[1])} .o_data_cell[name="outcome_id"]`,
            run: "click",
        },
        ...choose("outcome_id", "20"),
        {
            content: "Confirm the change of 6 rows",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {trigger: "body:not(:has(.modal))"},
        ...units.flatMap((unit) => [
            {trigger: row("Ana Lee", unit, achieved)},
            {trigger: row("Ben Okafor", unit, achieved)},
        ]),
    ],
});

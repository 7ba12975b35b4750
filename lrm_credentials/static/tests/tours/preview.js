import {registry} from "@web/core/registry";
import {
    button,
    chooseStatus,
    click,
    field,
    openRegister,
    page,
    row,
    tick,
    title,
    withoutButtons,
} from "./steps";

const removeFilter = [
    {trigger: ".o_searchview .o_facet_remove", run: "click"},
    {trigger: ".o_searchview:not(:has(.o_searchview_facet))"},
    {trigger: row("Ana Lee")},
    {trigger: row("Dan Murphy")},
];

let number = "";

registry.category("web_tour.tours").add("lrm_preview", {
    steps: () => [
        ...openRegister(),
        {trigger: ".o_search_panel_section:contains(Issued):contains(Cancelled)"},
        ...chooseStatus("Issued"),
        {trigger: row("Ben Okafor")},
        ...tick("Ben Okafor"),
        {
            content: "Only what can be done with an issued one",
            trigger: withoutButtons(
                `.o_action_manager:has(${button("action_cancel")})`,
                "action_preview",
                "action_issue"
            ),
        },
        {
            trigger: `${row("Ben Okafor")} .o_list_record_selector input`,
            run: "click",
        },
        {trigger: ".o_list_table:not(:has(.o_data_row_selected))"},
        {trigger: `.o_list_table:not(:has(${row("Ana Lee")}))`},
        ...chooseStatus("Cancelled"),
        {trigger: row("Eve Brown")},
        {trigger: `.o_list_table:not(:has(${row("Ben Okafor")}))`},
        ...chooseStatus("Requested"),
        {trigger: row("Dan Murphy")},
        {trigger: ".o_searchview_input", run: "fill Ana Lee"},
        {
            content: "Search by learner, the first choice",
            trigger: '.o_searchview_autocomplete .focus:contains("Learner")',
            run: "press Enter",
        },
        {trigger: '.o_searchview_facet:contains("Learner"):contains("Ana Lee")'},
        {trigger: `.o_list_table:not(:has(${row("Dan Murphy")}))`},
        {trigger: row("Ana Lee")},
        ...removeFilter,
        {
            content: "Search by number",
            trigger: ".o_searchview_input",
            async run({fill, queryFirst}) {
                number = queryFirst(
                    `${row("Dan Murphy")} .o_data_cell[name="number"]`
                ).textContent;
                await fill(number);
            },
        },
        {
            trigger: ".o_searchview_autocomplete .o-dropdown-item:contains(Number)",
            run: "click",
        },
        {trigger: ".o_searchview_facet:contains(Number)"},
        {trigger: `.o_list_table:not(:has(${row("Ana Lee")}))`},
        {trigger: row("Dan Murphy")},
        ...removeFilter,
        ...tick("Ana Lee", "Qualification Certificate"),
        ...tick("Ana Lee", "Statement of Attainment"),
        ...tick("Dan Murphy"),
        click("action_preview"),
        {trigger: title("Preview")},
        {trigger: row("Ana Lee", "Qualification Certificate", "Done")},
        {trigger: row("Ana Lee", "Statement of Attainment", "Done")},
        {trigger: row("Dan Murphy", "Refused", "Nothing competent to print")},
        {
            content: "A refused line has no document",
            trigger: `${row("Dan Murphy")}:not(:has(button[name="action_open_document"]))`,
        },
        {trigger: page("combined"), run: "click"},
        {
            content: "All in one file to leaf through",
            trigger: `${field("combined_pdf")} iframe:iframe .page:eq(1)`,
        },
        click("action_preview_again"),
        {trigger: `${field("previous_run_id")}:contains(Preview)`},
        {trigger: row("Ana Lee", "Qualification Certificate", "Done")},
        click("action_issue_selected"),
        {trigger: `.modal ${field("credential_count")}:contains(3)`},
        {trigger: `.modal ${field("final")}`},
        {trigger: ".modal-footer button:contains(Discard)", run: "click"},
        {trigger: `body:not(:has(.modal)) ${button("action_preview_again")}`},
    ],
});

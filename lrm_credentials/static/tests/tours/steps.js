import {stepUtils} from "@web_tour/tour_utils";

/** What the tours share: selectors first, then functions that return a list of steps. */

export const menu = (name) => `[data-menu-xmlid="lrm_credentials.${name}"]`;
export const field = (name) => `.o_field_widget[name="${name}"]`;
export const button = (name) => `button[name="${name}"]:visible`;
export const title = (text) => `.o_last_breadcrumb_item:contains("${text}")`;
export const page = (name) => `.o_notebook_headers a[name="${name}"]`;

/** The row that contains all of these texts. */
export const row = (...texts) =>
    `.o_data_row${texts.map((text) => `:contains("${text}")`).join("")}`;

/** The form, list or wizard has none of these buttons. */
export const withoutButtons = (container, ...names) =>
    container + names.map((name) => `:not(:has(button[name="${name}"]))`).join("");

/** A field that is filled in and offers nothing to edit. */
export const readonly = (name, text) =>
    `${field(name)}:not(:has(input, textarea)):contains("${text}")`;

/** Opens a menu of the LRM app, when another app is open. */
export function openMenu(heading, ...names) {
    return [
        ...stepUtils.goToAppSteps("lrm_credentials.lrm_menu_root", "Open LRM"),
        {trigger: ".o_menu_brand:contains(LRM)"},
        {trigger: ".o_action_manager .o_lrm_tile"},
        ...switchMenu(heading, ...names),
    ];
}

/** Opens a menu of the LRM app, when LRM is open. */
export function switchMenu(heading, ...names) {
    return [
        ...names.map((name) => ({trigger: menu(name), run: "click"})),
        {trigger: title(heading)},
    ];
}

/** Opens the register, which starts on what is to be done; for auditors on all. */
export function openRegister(label = "Requested") {
    return [
        ...openMenu("Credentials Register", "lrm_report_menu", "lrm_credential_menu"),
        status(label),
    ];
}

/** The register shows the credentials of this status. */
export const status = (label) => ({
    trigger: `.o_search_panel_category_value header.active:contains("${label}")`,
});

export function chooseStatus(label) {
    return [
        {
            trigger: `.o_search_panel_category_value header:contains("${label}")`,
            run: "click",
        },
        status(label),
    ];
}

export function tick(...texts) {
    return [
        {trigger: `${row(...texts)} .o_list_record_selector input`, run: "click"},
        {trigger: `${row(...texts)}.o_data_row_selected`},
    ];
}

export const openRow = (...texts) => ({
    trigger: `${row(...texts)} .o_data_cell:first`,
    run: "click",
});

/** Types into a many2one or into tags, and takes what is found (in bold). */
export function choose(name, text) {
    const found = `.o-autocomplete--dropdown-item .fw-bold:contains("${text}")`;
    return [
        {trigger: `${field(name)} input`, run: `edit ${text}`},
        {trigger: `${field(name)} ${found}`, run: "click"},
        {trigger: `${field(name)}:not(:has(.o-autocomplete--dropdown-menu))`},
    ];
}

export const type = (name, text) => ({
    trigger: `${field(name)} input`,
    run: `edit ${text}`,
});

export const click = (name) => ({trigger: button(name), run: "click"});

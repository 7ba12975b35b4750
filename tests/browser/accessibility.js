/**
 * Looks for barriers on screens, with axe-core.
 *
 * Told in PLAN, as JSON: url, cookies, size, screens {name: {login, path, buttons}}: whose screen, where it is, and which
 * buttons open it, by name; who has no login is nobody. Prints as JSON
 * {name: [{rule, help, target, html}]} of what is serious or critical, and ours.
 */
const {readFileSync} = require("node:fs");
const {Person, withBrowser} = require("./browser");

const plan = JSON.parse(process.env.PLAN);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];

/** What is Odoo's own, and not ours to mend: [rule or null for any, selector, reason]. */
const ODOO = [
    ["html-has-lang", "html:has(.o_web_client)", "the web client names no language"],
    [null, ".o_main_navbar, .o_main_navbar *", "the bar on top of all apps"],
    [null, ".o_searchview, .o_searchview *", "the search bar"],
    [null, ".o_search_panel *", "the search panel"],
    [null, ".o-mail-Chatter *", "the chatter"],
    [null, ".o_datetime_picker *", "the calendar"],
    ["image-alt", ".o-mail-Avatar img", "avatars have their name beside them"],
    ["label", ".o_list_renderer .form-check-input", "ticks of lists have no label"],
    ["button-name", ".o_optional_columns_dropdown button", "column choice"],
    ["button-name", ".o_clipboard_button", "copying has a tooltip"],
    ["button-name", ".o_action .btn-light:has(.oi-panel-right)", "folds the panel"],
    ["button-name", ".o_control_panel button", "buttons with icons, on phones"],
    ["button-name", ".o_button_more", "more smart buttons, on phones"],
    ["scrollable-region-focusable", ".o_list_renderer", "wide lists, on phones"],
    ["color-contrast", ".o_form_label", "field labels, on phones"],
    ["color-contrast", ".badge, .badge *", "the palette of badges"],
    ["color-contrast", ".text-muted", "the palette of notes"],
    ["aria-required-parent", ".o_notebook_headers .nav-link", "tabs of notebooks"],
    ["frame-title", ".o_pdfview_iframe", "the PDF viewer"],
    ["aria-allowed-attr", ".o_progressbar *", "the progress bar"],
    ["aria-allowed-attr", ".o_select_menu *, .o_field_selection *", "drop-down lists"],
    ["aria-allowed-attr", ".o-autocomplete--input", "what completes while typing"],
    ["aria-allowed-attr", ".o_tag", "tags"],
    ["autocomplete-valid", ".o_select_menu_input", "drop-down lists"],
    ["label", ".o_field_color input", "the colour widget"],
];

async function barriers(page) {
    await page.evaluate(AXE);
    const {violations} = await page.evaluate(
        (values) => window.axe.run(document, {runOnly: {type: "tag", values}}),
        RULES
    );
    const found = [];
    for (const {id, impact, help, nodes} of violations) {
        if (["serious", "critical"].includes(impact)) {
            const odoo = ODOO.filter(([rule]) => !rule || rule === id);
            for (const {target, html} of nodes) {
                const isOdoo = await page
                    .locator(target[0])
                    .first()
                    .evaluate(
                        (node, selectors) => selectors.some((one) => node.matches(one)),
                        odoo.map(([_rule, selector]) => selector)
                    );
                if (!isOdoo) {
                    found.push({rule: id, help, target, html: html.slice(0, 300)});
                }
            }
        }
    }
    return found;
}

async function main() {
    const {size, cookies, url, screens} = plan;
    const found = {};
    await withBrowser(async (browser) => {
        const people = {};
        for (const [name, {login, path, buttons = []}] of Object.entries(screens)) {
            if (!people[login]) {
                people[login] = await Person.at(browser, {url, size, cookies});
                if (login) {
                    await people[login].login(login, login);
                }
            }
            const {page} = people[login];
            await page.goto(path);
            if (path.startsWith("/odoo")) {
                await people[login].settled();
            }
            for (const one of buttons) {
                await people[login].press(one);
                await people[login].settled();
            }
            found[name] = await barriers(page);
        }
    });
    console.log(JSON.stringify(found));
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});

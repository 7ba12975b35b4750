/**
 * What the browser scripts share: a Chromium, and what people do in Odoo's web client. Nothing here depends on the
 * language or, unless it says so, on the width of the screen.
 */
const {chromium} = require("playwright-core");
const {execFileSync} = require("node:child_process");

const SIZES = {
    desktop: {viewport: {width: 1366, height: 768}},
    phone: {viewport: {width: 390, height: 844}, hasTouch: true, isMobile: true},
};

const menu = (name) => `[data-menu-xmlid="lrm_credentials.${name}"]`;
const field = (name) => `.o_field_widget[name="${name}"]`;
const button = (name) => `button[name="${name}"]:visible`;

function executable() {
    const script = "type -P chromium || type -P google-chrome";
    return execFileSync("bash", ["-c", script]).toString().trim();
}

/** Calls `use` with a browser, which is closed afterwards; after a failure, what it showed is in TRACE. */
async function withBrowser(use) {
    const browser = await chromium.launch({
        executablePath: executable(),
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync"],
    });
    try {
        return await use(browser);
    } catch (error) {
        const pages = browser.contexts().flatMap((window) => window.pages());
        for (const [i, page] of pages.entries()) {
            await page.screenshot({path: `${process.env.TRACE}/failed-${i}.png`});
        }
        throw error;
    } finally {
        await browser.close();
    }
}

/** One person at one screen. */
class Person {
    /**
     * Opens a window of their own.
     *
     * @param {Browser} browser
     * @param {Object} options
     * @param {String} options.url of the server
     * @param {String} options.size "desktop" or "phone"
     * @param {Object} options.cookies {name: value}, which the server wants to see
     * @param {Object} options.context more of what Playwright can set
     */
    static async at(browser, {url, size = "desktop", cookies = {}, context = {}}) {
        const window = await browser.newContext({
            baseURL: url,
            acceptDownloads: true,
            reducedMotion: "reduce",
            ...SIZES[size],
            ...context,
        });
        window.setDefaultTimeout(60000);
        await window.addCookies(
            Object.entries(cookies).map(([name, value]) => ({name, value, url}))
        );
        const person = new Person();
        person.isSmall = size === "phone";
        person.window = window;
        person.page = await window.newPage();
        person.errors = [];
        person.page.on("pageerror", (error) => person.errors.push(error.message));
        // What has been asked and not yet answered.
        person.asked = new Set();
        person.page.on("request", (request) => {
            if (["xhr", "fetch"].includes(request.resourceType())) {
                person.asked.add(request);
            }
        });
        for (const event of ["requestfinished", "requestfailed"]) {
            person.page.on(event, (request) => person.asked.delete(request));
        }
        return person;
    }

    async login(login, password) {
        await this.page.goto("/web/login");
        await this.page.fill("input[name=login]", login);
        await this.page.fill("input[name=password]", password);
        await this.page.press("input[name=password]", "Enter");
        await this.page.waitForURL((url) => !url.pathname.startsWith("/web/login"));
    }

    /** Opens an action by its path, as a bookmark would. */
    async open(path) {
        await this.page.goto(`/odoo/${path}`);
        await this.settled();
    }

    /** Waits until nothing is loading. */
    async settled() {
        await this.page.waitForSelector(".o_action_manager > *, .modal .o_form_view");
        await this.page.waitForFunction(
            () => !document.querySelector(".o_loading_indicator, .o_blockUI")
        );
        await this.answered();
    }

    /** Waits until the server has answered and nothing more is asked for a moment. */
    async answered() {
        const end = Date.now() + 60000;
        for (let quiet = 0; quiet < 3 && Date.now() < end; quiet++) {
            if (this.asked.size) {
                quiet = -1;
            }
            await this.page.waitForTimeout(50);
        }
    }

    find(selector) {
        return this.page.locator(selector);
    }

    async click(selector) {
        await this.find(selector).first().click();
    }

    /**
     * Opens a menu of the LRM app, whatever is open.
     *
     * @param {String} path of the action that it opens
     * @param  {...String} names the menus to click, outermost first
     */
    async menu(path, ...names) {
        if (this.isSmall) {
            await this.click(".o_menu_toggle");
            const sidebar = this.find(".o_app_menu_sidebar");
            const last = sidebar.locator(menu(names.at(-1)));
            await sidebar.locator("li").first().waitFor();
            if (!(await last.isVisible())) {
                const root = sidebar.locator(menu("lrm_menu_root"));
                if (!(await root.isVisible())) {
                    await sidebar.locator(".o_sidebar_topbar a").click();
                }
                await root.click();
                await this.page.waitForURL(/odoo\/lrm/);
                await this.click(".o_menu_toggle");
            }
            await last.click();
        } else {
            const brand = this.find(`.o_menu_brand${menu("lrm_menu_root")}`);
            if (!(await brand.isVisible())) {
                await this.click(".o_navbar_apps_menu button");
                await this.click(`.o-dropdown--menu ${menu("lrm_menu_root")}`);
                await brand.waitFor();
            }
            const first = this.find(`.o_menu_sections ${menu(names[0])}`);
            if (!(await first.isVisible())) {
                await this.click(".o_menu_sections_more");
            }
            for (const name of names) {
                await this.click(`${menu(name)}:visible`);
            }
        }
        await this.page.waitForURL(`**/odoo/${path}*`);
        await this.settled();
    }

    /** What stands for a record that shows all of these texts. */
    row(...texts) {
        return texts.reduce(
            (rows, text) => rows.filter({hasText: text}),
            this.find(".o_data_row:visible, .o_kanban_record:visible")
        );
    }

    async search(text) {
        if (this.isSmall && !(await this.find(".o_searchview_input").isVisible())) {
            await this.click(
                ".o_control_panel_navigation button:has(.oi-search, .fa-search)"
            );
        }
        await this.page.fill(".o_searchview_input", text);
        await this.find(".o_searchview_autocomplete .focus").waitFor();
        await this.page.press(".o_searchview_input", "Enter");
        await this.find(".o_searchview_facet").last().waitFor();
        await this.settled();
    }

    /** Ticks rows of a list; on a phone they are held down. */
    async tick(...texts) {
        const row = this.row(...texts).first();
        const ticked = this.find(".o_data_row_selected, .o_record_selected");
        const before = await ticked.count();
        if (this.isSmall) {
            await row.dispatchEvent("touchstart");
            await ticked.nth(before).waitFor();
            await row.dispatchEvent("touchend");
        } else {
            await row.locator(".o_list_record_selector input").click();
            await ticked.nth(before).waitFor();
        }
    }

    /** Clicks a button of a form or of ticked rows, which phones have in a menu. */
    async press(name) {
        const button = this.find(`button[name="${name}"]:visible`).first();
        if (this.isSmall && !(await button.isVisible())) {
            const more = this.find(".o_statusbar_buttons .dropdown-toggle:visible");
            const gear = this.find(".o_cp_action_menus .dropdown-toggle:visible");
            await ((await more.count()) ? more : gear).first().click();
        }
        await button.click();
    }

    /** Types into a field of a form or of a dialog. */
    async type(name, text) {
        const input = this.find(`${field(name)} :is(input, textarea)`);
        // The answer to an earlier change draws the form anew.
        await this.answered();
        await input.fill(text);
        await input.press("Tab");
        await this.answered();
    }

    /** Takes what a many2one, or tags, offers; on a phone, in a dialog. */
    async choose(name, text) {
        const input = this.find(`${field(name)} input`);
        if (await input.isEditable()) {
            // In bold is what matches, once it has been searched for; not so apostrophes.
            await input.fill(text.split("'")[0]);
            const found = this.find(".o-autocomplete--dropdown-item:has(.fw-bold)");
            await found.filter({hasText: text}).first().click();
            await this.answered();
        } else {
            await input.click();
            const offered = this.find(
                ".modal .o_data_row, .modal .o_kanban_record:not(.o_kanban_ghost)"
            );
            await offered.filter({hasText: text}).first().click();
            await offered.first().waitFor({state: "detached"});
        }
    }

    /** Saves what a click on this selector downloads; returns its name. */
    async download(selector, folder) {
        const [file] = await Promise.all([
            this.page.waitForEvent("download"),
            this.click(selector),
        ]);
        await file.saveAs(`${folder}/${file.suggestedFilename()}`);
        return file.suggestedFilename();
    }

    /** Takes a picture of what can be seen. */
    async picture(path, options = {}) {
        await this.settled();
        await this.page.screenshot({path, animations: "disabled", ...options});
    }
}

module.exports = {Person, button, field, menu, withBrowser};

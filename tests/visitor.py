"""A visitor's browser: real keys, real files, any size of screen."""

import json
import time
from contextlib import contextmanager

from odoo.tests.common import ChromeBrowser

PATIENCE = 10  # seconds
KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Visitor:
    """What a test does with a page, through the protocol of Chromium's own tools."""

    def __init__(self, browser, base_url):
        self.browser = browser
        self.base_url = base_url

    def ask(self, method, **params):
        """Make one call of the protocol."""
        return self.browser._websocket_request(method, params=params or None)

    def resize(self, width, height=800):
        """Look through a screen of this size, that of a phone, say."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def without_javascript(self):
        self.ask("Emulation.setScriptExecutionDisabled", value=True)

    def open(self, path):
        """Go to a page and wait until it is there."""
        self.browser.navigate_to(f"{self.base_url}{path}")
        self.wait_for("document.readyState === 'complete'")

    def evaluate(self, expression):
        """Return the value of a JavaScript expression."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression):
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if self.evaluate(f"Boolean({expression})"):
                    return
            except AssertionError:  # e.g. between two pages
                pass
            if time.monotonic() > end:
                raise AssertionError(f"It never was so: {expression}")

    def wait_for_text(self, text):
        """Wait until the page shows `text`."""
        self.wait_for(f"document.body.innerText.includes({json.dumps(text)})")

    def press(self, key):
        """Press and release a key."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.ask(
            "Input.dispatchKeyEvent",
            type="keyDown",
            **about,
            **({"text": text} if text else {}),
        )
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def type(self, text):
        self.ask("Input.insertText", text=text)

    def tab_to(self, selector):
        """Press Tab until this element has the focus; it must show that it has."""
        for _press in range(30):
            self.press("Tab")
            if self.evaluate(f"document.activeElement.matches({selector!r})"):
                break
        else:
            raise AssertionError(f"The keyboard does not reach {selector}")
        outline = self.evaluate(
            "(({outlineStyle, boxShadow}) => [outlineStyle, boxShadow])"
            "(getComputedStyle(document.activeElement))"
        )
        if outline == ["none", "none"]:
            raise AssertionError(f"Nobody sees that {selector} has the focus")

    def drop(self, path, selector):
        """Drag a file from the desktop over an element and let it fall."""
        element = f"document.querySelector({selector!r})"
        self.evaluate(f"{element}.scrollIntoView({{block: 'center'}})")
        x, y = self.evaluate(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"({element}.getBoundingClientRect())"
        )
        data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
        for event in ("dragEnter", "dragOver", "drop"):
            self.ask("Input.dispatchDragEvent", type=event, x=x, y=y, data=data)

    def overflow(self):
        """Return by how many pixels the page is wider than the screen."""
        return self.evaluate(
            "Math.max(0, document.documentElement.scrollWidth - innerWidth)"
        )


@contextmanager
def visitor(test, login=None):
    """A browser of which nobody, or a user, sits in front.

    :param test: the `HttpCase` that serves the pages
    """
    browser = ChromeBrowser(test)
    with test.allow_requests(browser=browser):
        try:
            test.authenticate(login, login, browser=browser)
            test.cr.flush()
            test.cr.clear()
            yield Visitor(browser, test.base_url())
        finally:
            test._wait_remaining_requests()
            browser.stop()

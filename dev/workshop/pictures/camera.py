"""Taking the pictures: `python -m workshop.pictures.camera URL FOLDER SCENE …`

It runs in a Python environment of its own, which has what drives a browser.
"""

import sys

from playwright.sync_api import expect, sync_playwright

from ..system_packages import find_browser
from .scenes import SCENES

PATIENCE = 60_000  # milliseconds
MARGIN = 6
# What must not be in a picture: what is on its way, and what went wrong.
UNWANTED = (
    ".o_loading_indicator, .o_notification, .o_blockUI, .o_action_manager:empty,"
    ".oe_status, .pos .loading-overlay,"
    ".o_error_dialog, .o_dialog_error, .oe_exception_title"
)
LOADED = "[...document.images].every((image) => image.complete)"
# Nothing of the menu that changes by itself: how many messages wait for somebody, and
# who is there.
QUIET = ".o_menu_systray :is(.badge, .o-mail-ImStatus) {visibility: hidden}"


class Camera:
    """A window of a browser in front of the running product."""

    def __init__(self, browser, url, size, scale):
        """
        :param tuple size: width and height of the window
        :param scale: pixels of a picture for each one of the window
        """
        self._size = dict(zip(("width", "height"), size, strict=True))
        self.page = browser.new_page(
            base_url=url, viewport=self._size, device_scale_factor=scale
        )
        self.page.set_default_timeout(PATIENCE)

    def log_in(self, login):
        """As somebody whose password is the login."""
        self.page.goto("/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", login)
        self.click("button[type=submit]", "Log in")
        self.find(".o_web_client .o_main_navbar, .o_portal_my_home")

    def find(self, selector, text=""):
        """
        :return: what a person sees, with or without a text, once it is there
        """
        found = self.page.locator(selector).filter(has_text=text, visible=True).first
        found.wait_for()
        return found

    def click(self, selector, text=""):
        self.find(selector, text).click()

    def take(self, path, above=""):
        """Take a PNG of the window, once nothing moves any more.

        :param str above: an element; what is below it is left out
        """
        self.page.mouse.move(0, 0)
        self.page.evaluate("document.activeElement?.blur()")
        self.page.wait_for_function(LOADED)
        unwanted = self.page.locator(UNWANTED).filter(visible=True)
        expect(unwanted).to_have_count(0, timeout=PATIENCE)
        clip = {"x": 0, "y": 0, **self._size}
        if above:
            box = self.find(above).bounding_box()
            clip["height"] = box["y"] + box["height"] + MARGIN
        self.page.screenshot(
            path=path,
            animations="disabled",
            omit_background=True,
            style=QUIET,
            clip=clip,
        )


def main(url, folder, *names):
    """Take these pictures; Playwright tells what it waits for in vain."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        for name in names:
            login, size, scale, act = SCENES[name]
            camera = Camera(browser, url, size, scale)
            if login:
                camera.log_in(login)
            camera.take(f"{folder}/{name}.png", act(camera))


if __name__ == "__main__":
    main(*sys.argv[1:])

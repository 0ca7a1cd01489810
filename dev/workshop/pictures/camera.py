"""Taking the pictures: `python -m workshop.pictures.camera URL FOLDER SCENE …`

It runs in a Python environment of its own, which has what drives a browser and what
writes small PNGs.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, expect, sync_playwright

from ..console import say
from ..problems import Problem, run_command
from ..system_packages import find_browser
from .scenes import SCENES

PATIENCE = 60_000  # milliseconds
# Pixels of a picture for each one of the window: sharp on good screens.
SCALE = 1.5
COLOURS = 256
OPAQUE = 255
MARGIN = 6
# What must not be in a picture: what is on its way, and what went wrong.
UNWANTED = (
    ".o_loading_indicator, .o_notification, .o_blockUI, .o_action_manager:empty,"
    ".oe_status, .pos .loading-overlay,"
    ".o_error_dialog, .o_dialog_error, .oe_exception_title"
)
LOADED = """
document.readyState === "complete" && document.fonts.status === "loaded"
    && [...document.images].every((image) => image.complete)
"""
# Nothing of the menu that changes by itself: how many messages wait for somebody, and
# who is there.
QUIET = ".o_menu_systray :is(.badge, .o-mail-ImStatus) {visibility: hidden}"


class Camera:
    """A browser in front of the running product."""

    def __init__(self, browser, url):
        self._browser = browser
        self._url = url
        self._page = None

    # What a person would do

    def log_in(self, login, width, height, *, scale=SCALE):
        """As somebody whose password is the login, in a window of this size."""
        self._open_window(width, height, scale)
        self.open("/web/login")
        self.type("#login", login)
        self.type("#password", login)
        self.click("button[type=submit]", "Log in")
        self.wait_for(".o_web_client .o_main_navbar, .o_portal_my_home")

    def _open_window(self, width, height, scale=1):
        """A new one: nobody is logged in."""
        self._page = self._browser.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=scale
        )
        self._page.set_default_timeout(PATIENCE)

    def open(self, path):
        self._page.goto(self._url + path)

    def wait_for(self, selector, text=""):
        """
        :return: what a person sees, with or without a text
        """
        found = self._page.locator(selector).filter(has_text=text, visible=True).first
        found.wait_for()
        return found

    def click(self, selector, text=""):
        self.wait_for(selector, text).click()

    def type(self, selector, text):
        """Type over what is there."""
        self.wait_for(selector).fill(text)

    # Pictures

    def page(self, name, width, height):
        """A picture of a page that stands beside this file."""
        self._open_window(width, height)
        self._page.goto(Path(__file__).with_name(name).as_uri())
        return self.window()

    def window(self, **options):
        """A PNG of the window, once nothing moves any more."""
        self._settle()
        return self._page.screenshot(
            animations="disabled", omit_background=True, style=QUIET, **options
        )

    def _settle(self):
        self._page.mouse.move(0, 0)
        self._page.evaluate("document.activeElement?.blur()")
        self._page.wait_for_function(LOADED)
        unwanted = self._page.locator(UNWANTED).filter(visible=True)
        expect(unwanted).to_have_count(0, timeout=PATIENCE)

    def down_to(self, selector):
        """The window without what is below an element."""
        self._settle()
        box = self.wait_for(selector).bounding_box()
        width = self._page.viewport_size["width"]
        height = box["y"] + box["height"] + MARGIN
        return self.window(clip={"x": 0, "y": 0, "width": width, "height": height})


def save(png, path):
    """Write it down with a palette: a third of the size, and nobody sees it."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    if image.getextrema()[3] == (OPAQUE, OPAQUE):
        image = image.convert("RGB")
    # Pillow chooses a method that can keep what is transparent.
    small = image.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    say(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def main(arguments):
    url, folder, *names = arguments
    with sync_playwright() as playwright:
        camera = Camera(playwright.chromium.launch(executable_path=find_browser()), url)
        for name in names:
            try:
                picture = SCENES[name](camera)
            except Error as error:
                raise Problem(f"The picture {name}: {error}") from error
            save(picture, Path(folder) / f"{name}.png")


if __name__ == "__main__":
    run_command(main)

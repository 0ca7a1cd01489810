"""Taking the pictures: `python -m workshop.pictures.camera URL FOLDER SCENE …`

It runs in Odoo's Python environment, which has what drives a browser and what writes
small PNGs.
"""

import io
from pathlib import Path

from PIL import Image

from ..console import say
from ..problems import run_command
from .browser import browser
from .scenes import SCENES

# Pixels of a picture for each one of the window: sharp on good screens.
SCALE = 1.5
COLOURS = 256
OPAQUE = 255
MARGIN = 6


class Camera:
    """A browser in front of the running product."""

    def __init__(self, it, url):
        self.browser = it
        self._url = url

    def log_in(self, login, width, height, *, scale=SCALE):
        """As somebody whose password is the login, in a window of this size."""
        self.browser.resize(width, height, scale=scale)
        self.browser.forget_login()
        self.open("/web/login")
        self.browser.type("#login", login)
        self.browser.type("#password", login)
        self.browser.click("button[type=submit]", "Log in")
        self.browser.wait_for(".o_web_client .o_main_navbar, .o_portal_my_home")

    def open(self, path):
        self.browser.open(self._url + path)

    def page(self, name, width, height):
        """A picture of a page that stands beside this file."""
        self.browser.resize(width, height)
        self.browser.open(Path(__file__).with_name(name).as_uri())
        return self.window()

    def window(self):
        return self.browser.picture()

    def down_to(self, selector):
        """The window without what is below an element."""
        return self.browser.picture(bottom=selector, margin=MARGIN)


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
    with browser() as it:
        camera = Camera(it, url)
        for name in names:
            save(SCENES[name](camera), Path(folder) / f"{name}.png")


if __name__ == "__main__":
    run_command(main)

"""A real Chromium, headless, that looks at a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))

OPTIONS = (
    "--headless",
    "--no-sandbox",  # as root there is no other way
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
)
WIDTHS = {"phone": 390, "desktop": 1280}
THEMES = ("light", "dark")


class Browser:
    """What a person does, and what can be asked of a page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def look(self, width: int = 1280, theme: str = "light", height: int = 900) -> None:
        """How wide the window is, and what the system's theme is."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    def scripts(self, allowed: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def open(self, path: Path) -> None:
        """Open a file, and wait until its trees are drawn."""
        self.console()
        self.requests()
        self.driver.get(path.as_uri())
        # Trees are drawn when there is nothing else to do.
        self.driver.execute_async_script(
            "const done = arguments[0]; requestIdleCallback(() => requestIdleCallback(() => setTimeout(done, 30)))"
        )

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def texts(self, selector: str) -> list[str]:
        """The text of what is there and not hidden."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility())"
            ".map(e => e.textContent.replace(/\\s+/g, ' ').trim())",
            selector,
        )

    def type(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def console(self) -> list[str]:
        """What was said in the console since the last look, warnings and errors."""
        return [each["message"] for each in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """What was asked for since the last look."""
        messages = (json.loads(each["message"])["message"] for each in self.driver.get_log("performance"))
        return [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]

    def processor_time(self) -> float:
        """Milliseconds of a processor that the page's thread has had since the page was opened."""
        metrics = self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(1_000 * each["value"] for each in metrics if each["name"] == "TaskDuration")

    def screenshot(self, path: Path, height: int | None = None) -> None:
        """A picture of the page from its top, or of all of it."""
        if height is None:
            size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
            height = size["height"]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": self.run("return innerWidth"),
                "height": int(height),
                "deviceScaleFactor": 1,
                "mobile": False,
            },
        )
        self.driver.save_screenshot(str(path))


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile, from the distribution's packages."""
    from selenium.webdriver import Chrome
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(CHROMIUM)
    for each in (*OPTIONS, f"--user-data-dir={profile}"):
        options.add_argument(each)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(executable_path=str(DRIVER)))
    try:
        driver.set_page_load_timeout(60)
        driver.set_script_timeout(60)
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        yield Browser(driver)
    finally:
        driver.quit()

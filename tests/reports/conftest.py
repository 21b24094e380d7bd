"""Debian's chromium, without a screen, driven through its DevTools protocol."""

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import time

import pytest

SECONDS_TO_WAIT = 60
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--remote-debugging-pipe",
)  # fmt: skip


class Chromium:
    """A browser process of its own; commands go through one pipe, events come back.

    The protocol: https://chromedevtools.github.io/devtools-protocol. By
    --remote-debugging-pipe it is spoken on the descriptors 3 and 4, each message
    ending in a zero byte, so that no port is needed.
    """

    def __init__(self, program, folder):
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        self._process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$@" 3<&{commands} 4>&{answers}', "bash"),
                *(program, *FLAGS, f"--user-data-dir={folder}", "about:blank"),
            ],
            pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(commands)
        os.close(answers)
        self._numbers = itertools.count(1)
        self._unread = b""
        self.events = []

    def send(self, method, session=None, /, **parameters):
        """Send a command and wait for its answer; events are kept meanwhile."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, method):
        """Wait for an event that has not come yet."""
        while not any(event["method"] == method for event in self.events):
            self.events.append(self._read())

    def _read(self):
        until = time.monotonic() + SECONDS_TO_WAIT
        while b"\0" not in self._unread:
            rest = max(until - time.monotonic(), 0)
            ready, _, _ = select.select([self._answers], [], [], rest)
            assert ready, "chromium did not answer"
            received = os.read(self._answers, 2**16)
            assert received, "chromium has ended"
            self._unread += received
        message, _, self._unread = self._unread.partition(b"\0")
        return json.loads(message)

    def close(self):
        """Ask it to end; else end it and the processes it has started."""
        with contextlib.suppress(AssertionError, OSError):
            self.send("Browser.close")
        os.close(self._commands)
        os.close(self._answers)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Tab:
    """One page in the browser, with all that it ran, logged and requested."""

    def __init__(self, chromium, path, *, width=1280, dark=False):
        self._chromium = chromium
        chromium.events.clear()
        self._target = chromium.send("Target.createTarget", url="about:blank")[
            "targetId"
        ]
        self._session = chromium.send(
            "Target.attachToTarget", targetId=self._target, flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        features = {
            "prefers-color-scheme": "dark" if dark else "light",
            "prefers-reduced-motion": "reduce",
        }
        self.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": k, "value": v} for k, v in features.items()],
        )
        self.send("Page.navigate", url=path.as_uri())
        chromium.wait_for("Page.loadEventFired")

    def send(self, method, /, **parameters):
        return self._chromium.send(method, self._session, **parameters)

    def ask(self, expression):
        """The value of an expression of JavaScript."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def click(self, element):
        """Press the mouse in the middle of what an expression of JavaScript finds."""
        x, y = self.ask(
            f"(() => {{ const element = {element};"
            "element.scrollIntoView({block: 'center'});"
            "const box = element.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=x,
                y=y,
                button="left",
                clickCount=1,
            )

    def press(self, key):
        """Press a key: "Tab", "Enter" or " "."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        text = {"Tab": ""}.get(key, "\r" if key == "Enter" else key)
        common = {"key": key, "windowsVirtualKeyCode": codes[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def screenshot(self, path):
        """Take a picture of the whole page."""
        answer = self.send(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True
        )
        path.write_bytes(base64.b64decode(answer["data"]))

    def pdf(self):
        """Print the page."""
        return base64.b64decode(self.send("Page.printToPDF")["data"])

    def _of(self, *methods):
        self.ask("0")  # what is on its way has come by then
        return [
            event["params"]
            for event in self._chromium.events
            if event["method"] in methods and event.get("sessionId") == self._session
        ]

    @property
    def complaints(self):
        """Messages on the page's console, its errors, and what was logged about it."""
        return self._of(
            "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"
        )

    @property
    def requests(self):
        """The addresses that the page requested."""
        found = self._of("Network.requestWillBeSent")
        return [request["request"]["url"] for request in found]

    def close(self):
        self._chromium.send("Target.closeTarget", targetId=self._target)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    program = shutil.which("chromium")
    assert program is not None, "The page is tried in Debian's chromium: install it."
    process = Chromium(program, tmp_path_factory.mktemp("chromium"))
    yield process
    process.close()


@pytest.fixture
def open_tab(chromium):
    """A function that opens a file in a tab."""
    tabs = []

    def open_file(path, **settings):
        tabs.append(Tab(chromium, path, **settings))
        return tabs[-1]

    yield open_file
    for tab in tabs:
        tab.close()

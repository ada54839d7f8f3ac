"""Tells the gateway, whose child this emulator is, what AWS would put on the default event bus."""

import http.client
import json
import queue
import sys
import threading
import time

ATTEMPTS = 20
PAUSE_SECONDS = 0.25


class Gateway:
    """Sends events to `POST /_kiro/event` in the order in which they are told, from a thread of its own."""

    def __init__(self, port: int, token: str):
        self._port, self._token = port, token
        self._waiting: queue.Queue = queue.Queue()
        threading.Thread(target=self._send_all, daemon=True, name="gateway-events").start()

    def tell(self, event: dict) -> None:
        """Never blocks and never fails: an event that cannot be delivered is logged."""
        self._waiting.put(event)

    def _send_all(self) -> None:
        while True:
            event = self._waiting.get()
            try:
                self._send(json.dumps(event))
            except Exception as problem:  # The thread must outlive one bad event; nothing is lost in silence.
                print(f"event lost: {problem}: {json.dumps(event, default=str)}", file=sys.stderr, flush=True)

    def _send(self, body: str) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._post(body)
            except (OSError, http.client.HTTPException) as problem:
                if attempt == ATTEMPTS:
                    raise problem
                time.sleep(PAUSE_SECONDS)

    def _post(self, body: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            headers = {"content-type": "application/json", "x-kiro-token": self._token}
            connection.request("POST", "/_kiro/event", body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            if answer.status == 400:
                raise ValueError(text)
            if answer.status != 202:
                # It is starting, or on its way down.
                raise http.client.HTTPException(f"the gateway answers {answer.status}: {text}")
        finally:
            connection.close()

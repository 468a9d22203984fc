"""A receiver that verifies what the sidecar sends. Run by `check-signatures`."""

import base64
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
import urllib.request

import standardwebhooks
import svix

BINARY, WORK = sys.argv[1], pathlib.Path(sys.argv[2])
TOKEN = "check-signatures-token"
NEW = "whsec_" + base64.b64encode(b"the secret after the rotation..").decode()
OLD = "whsec_" + base64.b64encode(b"the secret before the rotation.").decode()
OTHER = "whsec_" + base64.b64encode(b"a secret of somebody else......").decode()
received = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received.put(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def verifies(library, secret, headers, body):
    try:
        library(secret).verify(body, headers)
        return True
    except (standardwebhooks.WebhookVerificationError, svix.webhooks.WebhookVerificationError):
        return False


def configuration(port):
    return f"""
apiVersion: sync.zentra.dev/v1
kind: Subscription
metadata: {{name: receiver}}
spec:
  targetURL: http://127.0.0.1:{port}/hook
  events: [ticket.created]
  signing: {{secretRef: new, previousSecretRef: old, scheme: standard-webhooks}}
---
apiVersion: sync.zentra.dev/v1
kind: SecretReference
metadata: {{name: new}}
spec: {{from: {{env: NEW_SECRET}}}}
---
apiVersion: sync.zentra.dev/v1
kind: SecretReference
metadata: {{name: old}}
spec: {{from: {{env: OLD_SECRET}}}}
---
apiVersion: sync.zentra.dev/v1
kind: SecretReference
metadata: {{name: token}}
spec: {{from: {{env: API_TOKEN}}}}
---
apiVersion: sync.zentra.dev/v1
kind: ApiToken
metadata: {{name: check}}
spec: {{secretRef: token, scopes: [events:write]}}
"""


def listening(process):
    """The public port, once a configuration is live."""
    port, live = None, False
    for line in process.stderr:
        entry = json.loads(line)
        live = live or entry["message"] == "configuration is live"
        if entry["message"] == "listening" and entry["listener"] == "public":
            port = int(entry["port"])
        if port and live:
            return port
    sys.exit("the sidecar ended")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (WORK / "config" / "all.yaml").write_text(configuration(server.server_port))
    process = subprocess.Popen(
        [BINARY, "run", "--dir", WORK / "config", "--state", WORK / "state.db", "--listen", "127.0.0.1:0",
         "--admin-listen", "127.0.0.1:0", "--allow-http", "--allow-network", "127.0.0.0/8", "--log-format", "json"],
        stderr=subprocess.PIPE, text=True,
        env={**os.environ, "NEW_SECRET": NEW, "OLD_SECRET": OLD, "API_TOKEN": TOKEN})
    try:
        port = listening(process)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        event = json.dumps({"event": "ticket.created", "data": {"id": "tkt_1", "subject": "Grüße"}}).encode()
        urllib.request.urlopen(
            urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1/events", data=event,
                headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}))
        headers, body = received.get(timeout=30)
        for name, library in [("standardwebhooks", standardwebhooks.Webhook), ("svix", svix.Webhook)]:
            assert verifies(library, NEW, headers, body), f"{name} refuses the secret"
            assert verifies(library, OLD, headers, body), f"{name} refuses the secret before the rotation"
            assert not verifies(library, OTHER, headers, body), f"{name} takes any secret"
            assert not verifies(library, NEW, headers, body + b" "), f"{name} takes any body"
            print(f"{name}: accepted with both secrets, refused with another one and with another body")
    finally:
        process.terminate()
        process.wait()
        server.shutdown()


main()

"""Read a project through W&B's own client, from a local server that answers its GraphQL queries with twelve runs."""

import gzip
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

STATES = ("finished", "crashed", "running")
VIEWER = {"id": "1", "username": "u", "entity": "lab", "email": "", "flags": "{}", "teams": {"edges": []}}


def run(number: int) -> dict[str, object]:
    config = {"lr": {"value": 10.0**-number}, "model": {"value": {"depth": 1 + number % 3}}, "_wandb": {"value": {}}}
    loss: object = "NaN" if number == 4 else 0.1 * number
    summary = {"val/loss": loss, "train/loss": 0.1 * number, "_runtime": 60 + number, "hist": {"_type": "histogram"}}
    about = {"id": f"id{number}", "name": f"r{number}", "displayName": f"happy-{number}", "state": STATES[number % 3]}
    about |= {"config": json.dumps(config), "summaryMetrics": json.dumps(summary), "systemMetrics": "{}", "tags": []}
    about |= {"createdAt": "2026-01-01T00:00:00Z", "heartbeatAt": "2026-01-01T01:00:00Z", "historyLineCount": 10}
    about |= {"user": {"name": "u", "username": "u"}, "readOnly": False, "projectId": "7", "description": ""}
    blank = dict.fromkeys(("group", "jobType", "commit", "notes", "historyKeys", "sweepName"))
    return about | blank | {"project": {"id": "7", "name": "digits", "entity": {"name": "lab"}}}


class Answer(BaseHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).get("query", "")
        data: dict[str, object] = {"viewer": VIEWER, "serverInfo": {"cliVersionInfo": {}}}
        if "runs(" in query:
            edges = [{"node": run(number), "cursor": str(number)} for number in range(12)]
            page = {"endCursor": "11", "hasNextPage": False}
            data = {"project": {"internalId": "7", "runCount": 12, "readOnly": False}}
            data["project"] |= {"runs": {"totalCount": 12, "edges": edges, "pageInfo": page}}  # type: ignore[operator]
        text = json.dumps({"data": data}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


server = HTTPServer(("127.0.0.1", 0), Answer)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ |= {"WANDB_BASE_URL": f"http://127.0.0.1:{server.server_port}", "WANDB_API_KEY": "0" * 40}

from hparam_ci.sources.read import read_address

[sweep] = read_address("wandb:lab/digits")
print(json.dumps([len(sweep), {reading.name: reading.role.value for reading in sweep.readings}]))

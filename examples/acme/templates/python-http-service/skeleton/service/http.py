"""Routes and the server. Logs are one JSON object a line."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(path: str) -> tuple[int, dict]:
    """Returns status and body for a GET of `path`."""
    if path == "/healthz":
        return 200, {"status": "ok"}
    return 404, {"title": "Not found", "detail": f"There is nothing at {path}."}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = answer(self.path.partition("?")[0])
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        line = {"client": self.client_address[0], "message": format % args}
        print(json.dumps(line), file=sys.stderr)


def serve(host: str, port: int) -> None:
    """Serves until the process is stopped."""
    with ThreadingHTTPServer((host, port), Handler) as server:
        server.serve_forever()

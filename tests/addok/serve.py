"""Serves the address engine under the path that the Géoplateforme gives it. Says when it listens."""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from addok.http.wsgi import application

PREFIX = "/geocodage"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def under_prefix(environ: dict[str, str], start_response: object) -> object:
    environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(PREFIX)
    return application(environ, start_response)


if __name__ == "__main__":
    with make_server("127.0.0.1", int(sys.argv[1]), under_prefix, handler_class=Quiet) as server:
        print("Listening", flush=True)
        server.serve_forever()

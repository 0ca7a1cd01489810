"""Ports of this machine."""

import socket

from .problems import Problem


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_free(interface, port):
    with socket.socket() as probe:
        # A port that the last run has only just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((interface, port))
        except OSError as error:
            raise Problem(
                f"Port {port} is in use, or not allowed: {error.strerror}.",
                f"stop what uses it, or choose another: ./dev/run --port {port + 1}",
            ) from error

"""The web server's process, started by the supervisor."""

import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kiosk.vault.serving import Serving

THREADS = 8


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    Serving.from_environment().stop_with_parent()
    Granian(
        "kiosk.app:served",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        factory=True,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main()

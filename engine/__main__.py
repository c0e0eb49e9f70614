"""``python -m engine``: the whole engine without a browser."""

import sys

from engine.cli.main import main
from engine.store.opening import opened
from engine.store.trash import keep_up

if __name__ == "__main__":
    code = main(sys.argv[1:])
    if connections := opened():
        keep_up(connections)
    sys.exit(code)

"""``python -m engine``: the whole engine without a browser."""

import sys

from engine.cli.main import main
from engine.store.opening import opened
from engine.store.snapshots import keep_daily

if __name__ == "__main__":
    code = main(sys.argv[1:])
    if connections := opened():
        keep_daily(connections)
    sys.exit(code)

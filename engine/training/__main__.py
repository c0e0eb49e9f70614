"""``python -m engine.training RUN_ID``: train one run in this process."""

import sys

from engine.training.main import train_run

if __name__ == "__main__":
    sys.exit(train_run(int(sys.argv[1])))

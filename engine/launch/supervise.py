"""Where a dispatcher that began before the code was updated, and is still at work, starts its trainers."""

import sys

from engine.launch.launchers.local.supervisor import main

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

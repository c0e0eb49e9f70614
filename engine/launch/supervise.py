"""The former path of the supervisor, for dispatchers that were started before an update."""

import sys

from engine.launch.launchers.local.supervisor import main

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

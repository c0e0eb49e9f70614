"""``make fuzz``: a thousand odd configs and a thousand damaged files; prints those that do not end as they must."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}  # a forked process lacks its parent's threads

from tests.fuzz.campaign import CONFIG, Account, Campaign


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=1000, help="of configs, and of files")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only", action="append", default=[], metavar="KIND",
                        help="config, or damaged files of this kind")
    parser.add_argument("--case", type=int, help="one case by its number, of the kind named with --only")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    numbers = range(given.cases) if given.case is None else range(given.case, given.case + 1)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        campaign, faults = Campaign(Path(folder), given.seed, given.only), 0
        for way, wanted in ((campaign.configs, given.only in ([], [CONFIG])),
                            (campaign.files, given.only != [CONFIG])):
            account = Account()
            for case in way(numbers if wanted else range(0)):
                account.add(case)
                if case.faults or given.case is not None:
                    print(case.line, flush=True)
            if wanted:
                print(account.sentence, flush=True)
            faults += len(account.faulty)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()

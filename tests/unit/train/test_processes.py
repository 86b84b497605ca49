"""Processes that work for the one that trains."""

import os
import signal

from train.processes import pool_of


def test_ctrl_c_is_not_for_them() -> None:
    with pool_of(1) as pool:
        worker = pool.submit(os.getpid).result()
        assert worker != os.getpid()
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result() == worker

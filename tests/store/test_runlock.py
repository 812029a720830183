"""Two runs in one home never interleave."""

import os
from pathlib import Path

import pytest

from pipelines.store.runlock import RunBusy, run_lock
from tests.store.publishing import in_subprocess


def test_a_second_run_is_told_to_wait_and_may_begin_when_the_first_has_ended(tmp_path: Path) -> None:
    with run_lock(tmp_path):
        ended = in_subprocess("with run_lock(home): pass", tmp_path)
        assert f"RunBusy: Another run is at work in {tmp_path} (process {os.getpid()} since " in ended.stderr
        with pytest.raises(RunBusy, match="Wait until it has ended"), run_lock(tmp_path):
            pass
    assert in_subprocess("with run_lock(home): pass", tmp_path).returncode == 0


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    ended = in_subprocess("run_lock(home).__enter__(); os.kill(os.getpid(), 9)", tmp_path)
    assert ended.returncode == -9
    with run_lock(tmp_path):
        pass

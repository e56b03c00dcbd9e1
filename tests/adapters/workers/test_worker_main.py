"""A worker process by itself: what it does when its parent is gone."""

from __future__ import annotations

import os

from adapters.workers.worker_main import Family


def test_the_folder_of_a_parent_that_is_gone_goes_though_another_worker_still_writes_there(tmp_path, monkeypatch):
    folder = tmp_path / "shared"
    folder.mkdir()
    (folder / "setup").touch()
    late, rmdir = [folder / "derived.new"], os.rmdir

    def after_a_last_file(*given, **more):
        if late:
            late.pop().touch()
        rmdir(*given, **more)

    monkeypatch.setattr(os, "rmdir", after_a_last_file)
    Family(-1, folder, None).outlived()
    assert not folder.exists()


def test_the_folder_of_a_parent_that_lives_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.workers.worker_main._PARTING_S", 0.05)
    Family(os.getppid(), tmp_path, None).outlived()
    assert tmp_path.exists()

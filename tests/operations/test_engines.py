"""The launcher of PostgreSQL and Valkey, on engines of each test's own."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from support_desk.embedded import AlreadyRunning, EngineError, Engines, children, running_engines, start_engines
from support_desk.embedded.children import Identity
from support_desk.embedded.leash import NOBODY

HOLD = """
import pathlib, sys, time
from support_desk.embedded import start_engines
start_engines(pathlib.Path(sys.argv[1]), throwaway=True)
print("up", flush=True)
time.sleep(600)
"""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to avoid being root")


def ask(engines: Engines, statement: str) -> object:
    url = engines.database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as link:
        cursor = link.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def processes_of(var: Path) -> list[psutil.Process]:
    """The engines that run on a directory, found by their command lines."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() in ("postgres", "valkey-server", "redis-server") and any(
                str(var) in part for part in process.cmdline()
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def gone(processes: list[psutil.Process], seconds: float = 8) -> bool:
    return psutil.wait_procs(processes, timeout=seconds)[1] == []


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """A directory whose engines were running when their owner was killed this very moment."""
    owner = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    assert len(processes_of(tmp_path)) == 2
    owner.kill()
    owner.wait()
    owner.stdout.close()
    yield tmp_path
    assert gone(processes_of(tmp_path))


def test_data_survives_a_restart_and_nothing_runs_in_between(tmp_path: Path):
    with start_engines(tmp_path) as engines:
        ask(engines, "CREATE TABLE kept AS SELECT 7 AS number")
        with redis.Redis.from_url(engines.redis_url) as client:
            client.set("kept", "8")
    assert processes_of(tmp_path) == []
    with start_engines(tmp_path) as engines:
        assert ask(engines, "SELECT number FROM kept") == 7
        with redis.Redis.from_url(engines.redis_url) as client:
            assert client.get("kept") == b"8"


def test_japanese_letters_are_letters_and_time_is_utc(engines: Engines):
    assert (
        ask(engines, "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()")
        == "UTF8"
    )
    assert ask(engines, "SELECT 'やまだ' ~ '^[[:alpha:]]+$'") is True
    assert ask(engines, "SHOW timezone") == "UTC"


def test_no_engine_listens_on_the_network(engines: Engines):
    assert ask(engines, "SHOW listen_addresses") == ""
    with redis.Redis.from_url(engines.redis_url) as client:
        assert client.config_get("port") == {"port": "0"}


def test_when_the_owner_is_killed_the_engines_end(killed: Path):
    assert gone(processes_of(killed))


def test_a_start_right_after_a_kill_succeeds(killed: Path):
    with start_engines(killed, throwaway=True) as engines:
        assert ask(engines, "SELECT 1") == 1


def test_a_reused_process_number_in_an_old_pid_file_keeps_nothing_from_starting(tmp_path: Path):
    start_engines(tmp_path, throwaway=True).stop()
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        (tmp_path / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")
        (tmp_path / "run" / "valkey.pid").write_text(f"{stranger.pid}\n")
        with start_engines(tmp_path, throwaway=True) as engines:
            assert ask(engines, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_half_made_cluster_is_made_anew(tmp_path: Path):
    half = tmp_path / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with start_engines(tmp_path, throwaway=True) as engines:
        assert ask(engines, "SELECT 1") == 1


def test_a_second_owner_is_refused_and_told_whom_to_stop(tmp_path: Path):
    with start_engines(tmp_path, throwaway=True):
        with pytest.raises(AlreadyRunning, match=rf"process {os.getpid()}\b.*SUPPORT_DESK_VAR"):
            start_engines(tmp_path)
        assert len(processes_of(tmp_path)) == 2


def test_running_engines_are_found_only_while_they_run(tmp_path: Path):
    assert running_engines(tmp_path) is None
    with start_engines(tmp_path, throwaway=True) as engines:
        found = running_engines(tmp_path)
        assert found is not None
        assert (found.database_url, found.redis_url) == (engines.database_url, engines.redis_url)
        assert (tmp_path / "run" / "engines.json").stat().st_mode & 0o077 == 0
    assert running_engines(tmp_path) is None


def test_an_engine_whose_address_is_given_is_not_started(tmp_path: Path):
    with start_engines(tmp_path, database_url="postgresql://db.example.jp/desk", throwaway=True) as engines:
        assert engines.database_url == "postgresql://db.example.jp/desk"
        assert [process.name() for process in processes_of(tmp_path)] != ["postgres"]
        assert len(processes_of(tmp_path)) == 1
    with start_engines(tmp_path, database_url="postgresql://db", redis_url="redis://cache") as engines:
        assert processes_of(tmp_path) == []


def test_a_deep_directory_gets_short_sockets_for_us_alone(tmp_path: Path):
    deep = tmp_path / ("d" * 120)
    with start_engines(deep, throwaway=True) as engines:
        assert ask(engines, "SELECT 1") == 1
        sockets = Path(str(ask(engines, "SHOW unix_socket_directories")).strip('"'))
        assert deep not in sockets.parents
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_engines_outlive_the_thread_that_started_them(tmp_path: Path):
    started: list[Engines] = []
    thread = threading.Thread(target=lambda: started.append(start_engines(tmp_path, throwaway=True)))
    thread.start()
    thread.join()
    time.sleep(0.3)
    with started[0] as engines:
        assert ask(engines, "SELECT 1") == 1


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder whose parents everybody may pass, unlike pytest's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@root_only
@pytest.mark.parametrize(
    ("first", "then"), [(Identity.NAMESPACE, Identity.DROP), (Identity.DROP, Identity.NAMESPACE)]
)
def test_root_runs_postgres_as_somebody_else_either_way_and_on_the_same_data(
    open_folder: Path, first: Identity, then: Identity
):
    for way in (first, then):
        if children.run(["/bin/true"], identity=way)[0] != 0:
            pytest.skip(f"this machine forbids root the way {way}")
    with start_engines(open_folder, throwaway=True, root_as=first) as engines:
        ask(engines, "CREATE TABLE kept AS SELECT 7 AS number")
        ask(engines, "CHECKPOINT")
        assert server_owner(open_folder) == (NOBODY if first is Identity.DROP else 0)
    with start_engines(open_folder, throwaway=True, root_as=then) as engines:
        assert ask(engines, "SELECT number FROM kept") == 7
        assert server_owner(open_folder) == (NOBODY if then is Identity.DROP else 0)


def server_owner(var: Path) -> int:
    (server,) = (process for process in processes_of(var) if process.name() == "postgres")
    return server.uids().real


@root_only
def test_root_without_user_namespaces_also_works_below_a_private_directory(open_folder: Path):
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    with start_engines(private / "var", throwaway=True, root_as=Identity.DROP) as engines:
        data = Path(str(ask(engines, "SHOW data_directory")))
    assert private not in data.parents
    shutil.rmtree(data.parent)


@root_only
def test_data_that_the_server_could_not_reach_is_not_silently_replaced(open_folder: Path):
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    start_engines(private / "var", throwaway=True, root_as=Identity.NAMESPACE).stop()
    with pytest.raises(EngineError, match="cannot reach"):
        start_engines(private / "var", throwaway=True, root_as=Identity.DROP)


def test_a_second_stop_does_nothing(tmp_path: Path):
    engines = start_engines(tmp_path, throwaway=True)
    engines.stop()
    engines.stop()
    assert processes_of(tmp_path) == []

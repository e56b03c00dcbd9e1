"""What of the environment workers see."""

from __future__ import annotations

import pytest

from adapters.workers.surroundings import worker_environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERPSIM_DATABASE", "sqlite:///market.db"),
        ("PERPSIM_TOKEN", "x"),
        ("PGPASSWORD", "x"),
        ("PGPASSFILE", "/root/.pgpass"),
        ("DATABASE_URL", "postgresql://host/base"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("BINANCE_API_KEY", "x"),
        ("DB_PASS", "x"),
        ("github_token", "x"),
        ("SENTRY_DSN", "https://host/1"),
        ("BROKER", "amqp://me:word@host//"),
        ("PROXY", "http://:word@host:8080"),
    ],
)
def test_a_secret_stays_here(name, value):
    assert name not in worker_environment({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", "/home/me"),
        ("PERPSIM_CACHE_DIR", "/tmp/cache"),
        ("COMPASS_HEADING", "12"),
        ("SITE", "https://host/a@b:c"),
    ],
)
def test_all_else_is_there(name, value):
    assert worker_environment({name: value})[name] == value


def test_the_hash_seed_is_the_fixed_one_whatever_it_is_here():
    assert worker_environment({"PYTHONHASHSEED": "7"})["PYTHONHASHSEED"] == "0"

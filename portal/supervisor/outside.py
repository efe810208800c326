"""PostgreSQL and Redis that somebody else runs, named by DATABASE_URL and REDIS_URL."""

from __future__ import annotations

import psycopg
import redis

from portal.supervisor.errors import CannotStart


def greet_database(url: str) -> str:
    """Connect once; the words to show.

    Raises:
        CannotStart: with the server's own reason.
    """
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            info = connection.info
            major, minor = divmod(info.server_version, 10_000)
            return f"{major}.{minor}, from DATABASE_URL ({info.host})"
    except psycopg.Error as error:
        raise CannotStart(
            f"PostgreSQL does not answer: {str(error).strip()}",
            hint="Check DATABASE_URL; without it Greenroom starts its own.",
        ) from None


def greet_redis(url: str) -> str:
    """Connect once; the words to show.

    Raises:
        CannotStart: with the server's own reason.
    """
    try:
        client = redis.Redis.from_url(url, socket_timeout=10)
    except ValueError as error:
        raise CannotStart(f"REDIS_URL is no address: {error}") from None
    try:
        version = client.info("server")["redis_version"]
    except redis.RedisError as error:
        raise CannotStart(
            f"Redis does not answer: {error}",
            hint="Check REDIS_URL; without it Greenroom starts its own.",
        ) from None
    finally:
        client.close()
    return f"{version}, from REDIS_URL"

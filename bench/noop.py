"""A Celery application of its own whose one task does nothing, on the bench's Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from celery import Celery
from kombu.transport.redis import Channel

QUEUE = "bench"

app = Celery("bench")
app.conf.update(
    broker_url=os.environ.get("BENCH_BROKER_URL", ""),
    task_default_queue=QUEUE,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
)


@app.task
def nothing() -> None:
    """What a queue costs by itself."""


def rate(broker_url: str, *, tasks: int) -> float:
    """No-op tasks a second that one solo worker takes from the queue once it runs."""
    app.conf.update(broker_url=broker_url)
    with app.connection_for_write() as connection, app.producer_pool.acquire() as producer:
        for _ in range(tasks):
            nothing.apply_async(producer=producer)
        channel = connection.default_channel
        assert isinstance(channel, Channel)
        waiting: Any = channel.client
        command = [sys.executable, "-m", "celery", "--app", "bench.noop", "worker"]
        options = ["--pool", "solo", "--queues", QUEUE, "--loglevel", "ERROR"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        # With Django's settings at hand Celery would look after its connections at every task.
        own = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        worker = subprocess.Popen(
            [*command, *options, *quiet],
            env={**own, "BENCH_BROKER_URL": broker_url},
            stdout=subprocess.DEVNULL,
        )
        try:
            left = _settled(waiting, below=tasks)
            began, first = time.perf_counter(), left
            while left and worker.poll() is None:
                time.sleep(0.005)
                left = waiting.llen(QUEUE)
            took = time.perf_counter() - began
        finally:
            worker.terminate()
            worker.wait()
    assert not left, "the Celery worker ended before its queue was empty"
    return float(first / took)


def _settled(waiting: Any, *, below: int) -> int:
    """Wait until the worker takes tasks, and a few more, so that starting up is not measured."""
    ends = time.monotonic() + 60
    while (left := int(waiting.llen(QUEUE))) > below * 0.95:
        assert time.monotonic() < ends, "the Celery worker takes no task"
        time.sleep(0.005)
    return left

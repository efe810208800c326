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


def rate(broker_url: str, *, tasks: int, workers: int = 1) -> float:
    """No-op tasks a second that so many solo workers take from the queue once they run."""
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
        started = [
            subprocess.Popen(
                [*command, *options, *quiet, "--hostname", f"noop{number}@bench"],
                env={**own, "BENCH_BROKER_URL": broker_url},
                stdout=subprocess.DEVNULL,
            )
            for number in range(workers)
        ]
        try:
            left = _settled(waiting, below=tasks)
            began, first = time.perf_counter(), left
            while left and all(worker.poll() is None for worker in started):
                time.sleep(0.005)
                left = waiting.llen(QUEUE)
            took = time.perf_counter() - began
        finally:
            for worker in started:
                worker.terminate()
            for worker in started:
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

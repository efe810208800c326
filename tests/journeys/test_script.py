"""A script that was written for another service, with two of its lines changed."""

from __future__ import annotations

import json

import openai
import pytest

from tests.stack import Stack


@pytest.mark.stack
def test_a_script_makes_a_clip_on_the_running_demo(stack: Stack) -> None:
    stack.wait_for_line("Greenroom is ready")
    announced = json.loads((stack.var / "demo.json").read_text())
    with openai.OpenAI(
        base_url=f"{announced['url']}/v1", api_key=announced["keys"]["artist"]
    ) as client:
        video = client.videos.create_and_poll(prompt="a red boat on the sea at night")
        assert video.status == "completed"
        assert video.progress == 100
        assert video.model_extra is not None
        assert video.model_extra["manifest"]["seed"] == video.model_extra["seed"]
        preview = client.videos.download_content(video.id, variant="preview")  # type: ignore[arg-type]
        assert preview.read()[4:8] == b"ftyp"
        with pytest.raises(openai.PermissionDeniedError) as refused:
            client.videos.download_content(video.id)
        assert refused.value.code == "awaiting_review"
        client.videos.delete(video.id)

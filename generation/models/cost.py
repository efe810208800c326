"""What clips of one shape have taken so far."""

from __future__ import annotations

from django.db import models


class RenderCost(models.Model):
    """GPU seconds a clip of this shape takes on this device.

    ``seconds`` is an exponential average over the ``samples`` renders seen; width and height in
    pixels; ``device`` as the pipeline names it, e.g. ``"cpu"``.
    """

    model_key = models.CharField(max_length=80)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frames = models.PositiveIntegerField()
    steps = models.PositiveSmallIntegerField()
    device = models.CharField(max_length=120)
    seconds = models.DecimalField(max_digits=12, decimal_places=3)
    samples = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model_key", "width", "height", "frames", "steps", "device"],
                name="render_cost_once",
            ),
            models.CheckConstraint(
                condition=models.Q(seconds__gte=0, samples__gte=1), name="render_cost_was_seen"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.model_key} {self.width}x{self.height}, {self.frames} frames, "
            f"{self.steps} steps on {self.device}: {self.seconds} s"
        )

"""The ``greenroom`` command: a programme's clips from a terminal, over the OpenAI SDK."""

"""What the sample refuses to draw."""


class SampleError(ValueError):
    """The arguments do not describe a province that can be drawn; the message says in Chinese what to change."""

    exit_code = 2

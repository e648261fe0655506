"""The architectures that make_models.py exports, at sizes of a few kilobytes, a file a family."""

from . import (  # noqa: F401
    audio,
    decoders,
    dense_vision,
    encoder_decoders,
    encoders,
    mixtures,
    multimodal,
    recurrences,
    series,
    vision,
)

"""Recordings as phones make them, for the tests."""

import array
import io
import math
from fractions import Fraction
from typing import Any

import av

RECORDERS = {"webm": "libopus", "ogg": "libopus", "mp4": "aac"}
RATE, AT_ONCE = 48_000, 960


def recording(container: str = "webm", seconds: float = 2, tone: int = 440, title: str = "") -> bytes:
    """A tone that lasts so long, in one of the containers that phones record in."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as written:
        if title:
            written.metadata["title"] = title
        stream: Any = written.add_stream(RECORDERS[container], rate=RATE, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format or "s16", layout="mono", rate=RATE)
        for start in range(0, int(seconds * RATE), AT_ONCE):
            for piece in resampler.resample(_piece(start, tone)):
                written.mux(stream.encode(piece))
        written.mux(stream.encode(None))
    return out.getvalue()


def _piece(start: int, tone: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=AT_ONCE)
    turn = 2 * math.pi * tone / RATE
    wave = array.array("h", (int(8_000 * math.sin((start + at) * turn)) for at in range(AT_ONCE)))
    frame.planes[0].update(wave.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
    return frame


def film() -> bytes:
    """A picture that moves, in the container that also holds sounds."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as written:
        stream: Any = written.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        for _ in range(5):
            written.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        written.mux(stream.encode(None))
    return out.getvalue()


def heard(sound: bytes) -> tuple[float, dict[str, str]]:
    """The seconds and the metadata of a sound."""
    with av.open(io.BytesIO(sound)) as found:
        samples = sum(frame.samples for frame in found.decode(audio=0))
        return samples / found.streams.audio[0].rate, dict(found.metadata)

"""Voice notes: what a phone recorded, decoded and written again without its metadata, as every phone can play it.

FFmpeg (through PyAV) is loaded with the first note: a server that never gets one does not hold it in memory.
"""

import io
import threading
from itertools import chain
from typing import Any

FORMATS = {b"\x1aE\xdf\xa3": "audio/webm", b"OggS": "audio/ogg"}
LONGEST_S = 75  # phones stop at 60; the rest is their haste
LARGEST_MB = 2
RATE, BITS = 24_000, 40_000  # a voice is understood with less

_one_at_a_time = threading.Lock()  # FFmpeg takes its memory outside ours


class Inaudible(Exception):
    """These bytes are no voice note: no sound, something else than sound, or too long."""


def media_of(head: bytes) -> str | None:
    """What the first 16 bytes say the file is, of the three containers that phones record in."""
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    return FORMATS.get(head[:4])


def as_mp3(body: bytes) -> bytes:
    """The sound of a recording, mono; raises Inaudible."""
    import av

    try:
        with _one_at_a_time, av.open(io.BytesIO(body), metadata_errors="ignore") as recording:
            if recording.streams.video or len(recording.streams.audio) != 1:
                raise Inaudible("not one sound and nothing else")
            return _written(av, recording)
    except Inaudible:
        raise
    except Exception as error:  # on hostile bytes FFmpeg may say anything
        raise Inaudible(type(error).__name__) from error


def _written(av: Any, recording: Any) -> bytes:
    out, samples = io.BytesIO(), 0
    resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE)
    with av.open(out, "w", format="mp3") as written:
        stream = written.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = BITS
        for frame in chain(recording.decode(audio=0), [None]):  # None: what the resampler still holds
            for piece in resampler.resample(frame):
                samples += piece.samples
                if samples > LONGEST_S * RATE:
                    raise Inaudible("too long")
                written.mux(stream.encode(piece))
        written.mux(stream.encode(None))
    if samples == 0:
        raise Inaudible("silence without end")
    return out.getvalue()

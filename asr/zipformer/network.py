"""The three networks of a streaming zipformer transducer: sound to frames, contexts to vectors, both to log probabilities.

One ``Networks`` serves all utterances; what belongs to one utterance (features, encoder states) lives in ``FrameStream``.
Frames come every 40 ms. The features are those of the model's training: 80 mel bins from 20 Hz to 400 Hz below Nyquist,
25 ms windows every 10 ms, no dither, samples scaled to -1..1.
"""

from __future__ import annotations

from pathlib import Path

import kaldi_native_fbank as knf
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from app.domain.errors import EnvironmentFault

Floats = NDArray[np.float32]

SAMPLE_RATE_HZ = 16_000
FRAME_MS = 40
BLANK = 0
CONTEXT = 2
_MEL_BINS = 80
_STEP = SAMPLE_RATE_HZ // 500
_QUIETEST = 9 / 32_768
_SILENCE = float(np.log(np.finfo(np.float32).eps))
_SILENT_CHUNKS = 3


def _session(folder: Path, part: str) -> ort.InferenceSession:
    found = sorted(folder.glob(f"{part}-*.onnx"), key=lambda p: ("int8" not in p.name, p.name))
    if not found:
        raise EnvironmentFault("asr.model_part_missing", part=part)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(found[0]), options, providers=["CPUExecutionProvider"])
    except Exception as exc:  # onnxruntime raises its own untyped errors for damaged files
        raise EnvironmentFault("asr.model_part_damaged", part=part) from exc


def read_tokens(folder: Path) -> list[str]:
    """Token spellings by number.

    Raises:
        EnvironmentFault: no token file, or not one.
    """
    try:
        lines = (folder / "tokens.txt").read_text(encoding="utf-8").splitlines()
        pairs = [line.rsplit(" ", 1) for line in lines if line.strip()]
        by_number = {int(number): token for token, number in pairs}
        return [by_number[i] for i in range(len(by_number))]
    except (OSError, ValueError, KeyError) as exc:
        raise EnvironmentFault("asr.model_part_missing", part="tokens") from exc


class Networks:
    """Encoder, decoder and joiner of one model folder.

    Raises:
        EnvironmentFault: a part is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.tokens = read_tokens(folder)
        self._encoder = _session(folder, "encoder")
        self._decoder = _session(folder, "decoder")
        self._joiner = _session(folder, "joiner")
        try:
            meta = self._encoder.get_modelmeta().custom_metadata_map
            self.window = int(meta["T"])
            self.shift = int(meta["decode_chunk_len"])
            self.vocabulary_size = int(self._decoder.get_modelmeta().custom_metadata_map["vocab_size"])
        except (KeyError, ValueError) as exc:
            raise EnvironmentFault("asr.model_part_damaged", part="metadata") from exc
        self.tokens = self.tokens[: self.vocabulary_size]  # the rest are marks of other tools
        inputs = self._encoder.get_inputs()[1:]
        self._state_names = [i.name for i in inputs]
        self.version = folder.name
        states: dict[str, NDArray[np.generic]] = {
            i.name: np.zeros(i.shape, dtype=np.int64 if "int64" in i.type else np.float32) for i in inputs
        }
        silence = np.full((self.window, _MEL_BINS), _SILENCE, dtype=np.float32)
        for _ in range(_SILENT_CHUNKS):
            _, states = self.encode(silence, states)
        self._first_states = states

    def first_states(self) -> dict[str, NDArray[np.generic]]:
        """Encoder states after a second of silence, before any sound."""
        return dict(self._first_states)

    def encode(
        self, features: Floats, states: dict[str, NDArray[np.generic]]
    ) -> tuple[Floats, dict[str, NDArray[np.generic]]]:
        """Frames (n, dim) of one window of features (window, 80) and the states after it."""
        out = self._encoder.run(None, {"x": features[None], **states})
        return out[0][0], dict(zip(self._state_names, out[1:], strict=True))

    def context_vectors(self, contexts: NDArray[np.int64]) -> Floats:
        """Decoder output (n, dim) for contexts (n, 2) of the last two tokens."""
        vectors: Floats = self._decoder.run(None, {"y": contexts})[0]
        return vectors

    def logits(self, frame: Floats, context_vectors: Floats) -> Floats:
        """Joiner output (n, vocabulary) of one frame (dim,) or n of them (n, dim) with context vectors (n, dim)."""
        frames = np.broadcast_to(frame, context_vectors.shape)
        logits: Floats = self._joiner.run(
            None, {"encoder_out": np.ascontiguousarray(frames), "decoder_out": context_vectors}
        )[0]
        return logits


def without_digital_silence(samples: Floats) -> Floats:
    """Steps of 2 ms in which nothing is louder than G.711's quietest level, as zeros.

    A companded line turns silence into a constant of 8 (of 32,768); over a muted stretch of it the model swallows numbers
    (docs/benchmarks/asr.md). Speech and room noise are louder and pass as they are.

    Args:
        samples: whole steps of ``_STEP`` samples.
    """
    steps = samples.reshape(-1, _STEP).copy()
    steps[np.abs(steps).max(axis=1) <= _QUIETEST] = 0.0
    return steps.reshape(-1)


class FrameStream:
    """Sound of one utterance to encoder frames, whatever the size of the blocks it comes in."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._states = networks.first_states()
        options = knf.FbankOptions()
        options.frame_opts.dither = 0.0
        options.frame_opts.snip_edges = False
        options.frame_opts.samp_freq = SAMPLE_RATE_HZ
        options.mel_opts.num_bins = _MEL_BINS
        options.mel_opts.high_freq = -400.0
        self._fbank = knf.OnlineFbank(options)
        self._pending = np.zeros(0, np.float32)
        self._taken = 0
        self._loudness: list[Floats] = []

    @property
    def loudness(self) -> Floats:
        """Natural log of the energy of each frame given so far, shape (n,)."""
        return np.concatenate(self._loudness) if self._loudness else np.zeros(0, dtype=np.float32)

    def accept(self, samples: Floats) -> list[Floats]:
        """New frames, a list of arrays (n, dim). Up to 2 ms of sound wait for the next call."""
        held = np.concatenate((self._pending, np.asarray(samples, dtype=np.float32)))
        whole = len(held) // _STEP * _STEP
        self._pending = held[whole:]
        if whole:
            self._fbank.accept_waveform(SAMPLE_RATE_HZ, without_digital_silence(held[:whole]).tolist())
        return self._ready()

    def _ready(self) -> list[Floats]:
        frames: list[Floats] = []
        window, shift = self._networks.window, self._networks.shift
        while self._fbank.num_frames_ready >= self._taken + window:
            features = np.stack([self._fbank.get_frame(self._taken + i) for i in range(window)])
            encoded, self._states = self._networks.encode(features, self._states)
            frames.append(encoded)
            energy = np.log(np.exp(features[:shift]).sum(axis=1)).reshape(len(encoded), -1)
            self._loudness.append(energy.mean(axis=1))
            self._taken += shift
            self._fbank.pop(shift)
        return frames

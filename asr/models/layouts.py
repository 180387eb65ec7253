"""What the folders of other engines' models must hold: Vosk's two layouts, and the files of a sherpa-onnx streaming model.

For models that the catalogue knows by their archive only, and for folders that a person names. k2-fsa's releases often hold
each network twice, as floats and as int8: the int8 encoder and joiner are taken, and the float decoder, which is tiny and loses
by int8, as in the publisher's own examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.domain.errors import EnvironmentFault

VOSK, SHERPA = "vosk", "sherpa"
TOKENS = "tokens.txt"
_VOSK_LAYOUTS = (("am/final.mdl", "conf/mfcc.conf"), ("final.mdl", "mfcc.conf"))
_VOSK_GRAPHS = (("graph/HCLG.fst",), ("HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"), ("HCLr.fst", "Gr.fst"))
_CTC_NAMES = ("ctc-", "model.")


def structure_problems(engine: str, folder: Path) -> list[EnvironmentFault]:
    """What keeps an engine from reading ``folder``; empty for a model, and for an engine without a rule here."""
    if engine == VOSK:
        return vosk_problems(folder)
    return sherpa_problems(folder) if engine == SHERPA else []


def looks_like_vosk(folder: Path) -> bool:
    """Whether a folder holds a Kaldi acoustic model as Vosk reads them."""
    return any((folder / model).is_file() for model, _ in _VOSK_LAYOUTS)


def vosk_problems(folder: Path) -> list[EnvironmentFault]:
    """What keeps Vosk from reading ``folder``; empty for a model of either layout."""
    if not folder.is_dir():
        return [EnvironmentFault("asr.model_missing", path=str(folder))]
    missing = [] if looks_like_vosk(folder) else [_VOSK_LAYOUTS[0][0]]
    if mfcc_file(folder) is None:
        missing.append(_VOSK_LAYOUTS[0][1])
    if not any(all((folder / name).is_file() for name in graph) for graph in _VOSK_GRAPHS):
        missing.append(_VOSK_GRAPHS[0][0])
    return [EnvironmentFault("asr.model_file_missing", path=str(folder), file=name) for name in missing]


def mfcc_file(folder: Path) -> Path | None:
    """The configuration of a Vosk model's features, or None."""
    return next((folder / conf for _, conf in _VOSK_LAYOUTS if (folder / conf).is_file()), None)


@dataclass(frozen=True, slots=True)
class SherpaFiles:
    """Paths of a model's networks; ``ctc`` is None for a transducer, the other three are None for a CTC model."""

    tokens: Path
    encoder: Path | None = None
    decoder: Path | None = None
    joiner: Path | None = None
    ctc: Path | None = None
    bpe_vocab: Path | None = None


def sherpa_files(folder: Path) -> SherpaFiles | None:
    """The model in ``folder``, or None where it holds none."""
    tokens = folder / TOKENS
    if not tokens.is_file():
        return None
    bpe_vocab = folder / "bpe.vocab"
    vocab = bpe_vocab if bpe_vocab.is_file() else None
    encoder, decoder, joiner = _pick(folder, "encoder", True), _pick(folder, "decoder", False), _pick(folder, "joiner", True)
    if encoder and decoder and joiner:
        return SherpaFiles(tokens, encoder, decoder, joiner, bpe_vocab=vocab)
    if encoder is None and joiner is None:
        ctc = next((found for name in _CTC_NAMES if (found := _pick(folder, name, True))), None)
        if ctc is not None:
            return SherpaFiles(tokens, ctc=ctc, bpe_vocab=vocab)
    return None


def sherpa_problems(folder: Path) -> list[EnvironmentFault]:
    """What keeps the engine from reading ``folder``; empty for a model."""
    if not folder.is_dir():
        return [EnvironmentFault("asr.model_missing", path=str(folder))]
    if sherpa_files(folder) is not None:
        return []
    missing = TOKENS if not (folder / TOKENS).is_file() else "encoder, decoder, joiner | ctc .onnx"
    return [EnvironmentFault("asr.model_file_missing", path=str(folder), file=missing)]


def _pick(folder: Path, prefix: str, int8: bool) -> Path | None:
    """The network whose file name begins so, in the preferred precision, else in the other."""
    found = sorted(path for path in folder.glob(f"{prefix}*.onnx") if path.is_file())
    preferred = [path for path in found if (".int8." in path.name) == int8]
    return next(iter(preferred or found), None)

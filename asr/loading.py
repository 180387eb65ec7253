"""From a description of an engine, which can cross a process border, to the loaded engine.

The program never loads an engine itself: it hands an ``EngineSpec`` to the speech process, which calls ``load_engine``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from app.domain.errors import AppError, BugError, EnvironmentFault
from asr.engine import Engine


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Which engine to load, and from where.

    Attributes:
        name: short stable name ("zipformer", "whisper").
        factory: "package.module:function", called with the arguments, returns an ``Engine``.
        arguments: keyword arguments, strings (folders).
    """

    name: str
    factory: str
    arguments: Mapping[str, str] = field(default_factory=dict)


def spec_to_json(spec: EngineSpec) -> dict[str, object]:
    """For the pipe."""
    return {"name": spec.name, "factory": spec.factory, "arguments": dict(spec.arguments)}


def spec_from_json(values: Mapping[str, Any]) -> EngineSpec:
    """The inverse of ``spec_to_json``."""
    arguments = {str(k): str(v) for k, v in dict(values["arguments"]).items()}
    return EngineSpec(str(values["name"]), str(values["factory"]), arguments)


def load_engine(spec: EngineSpec) -> Engine:
    """Import and call the factory.

    Raises:
        AppError: what the engine says is wrong (a missing or damaged model file).
        EnvironmentFault: the engine's packages are not installed, or it fails in a way it does not explain.
        BugError: no such factory.
    """
    module_name, _, function_name = spec.factory.partition(":")
    try:
        factory = getattr(importlib.import_module(module_name), function_name)
    except ImportError as error:
        raise EnvironmentFault("asr.engine_packages_missing", engine=spec.name, package=error.name or module_name) from error
    except AttributeError as error:
        raise BugError("asr.engine_unknown", engine=spec.name) from error
    try:
        return cast(Engine, factory(**spec.arguments))
    except AppError:
        raise
    except Exception as error:
        raise EnvironmentFault("asr.engine_does_not_load", engine=spec.name, problem=type(error).__name__) from error

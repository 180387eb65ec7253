"""What a window is given where nobody telephones and nobody searches."""

from __future__ import annotations

from app.domain.knowledge import KnowledgeQuery, Ranked


class SilentLine:
    """A telephone that nobody touches; ``CallControl``."""

    def answer(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def hang_up(self) -> None: ...
    def hand_over(self, number: str) -> None: ...


def find_nothing(query: KnowledgeQuery) -> tuple[Ranked, ...]:
    """A knowledge base without entries."""
    return ()

"""A guided flow of a knowledge entry as it is walked: question, choice, next question, until an end is told. Pure.

A walk is what was chosen so far. A choice that leads to a step that is not there, or back to one that was passed, ends the walk:
a flow that was written badly never keeps the operator in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.knowledge import Step


@dataclass(frozen=True, slots=True)
class Taken:
    """A question that was answered."""

    step: Step
    label: str


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the operator stands in a flow.

    Attributes:
        steps: the whole flow.
        taken: what was chosen, in order.
        at: id of the step that is asked or told now, "" where the flow is over.
    """

    steps: tuple[Step, ...] = ()
    taken: tuple[Taken, ...] = ()
    at: str = ""

    @property
    def step(self) -> Step | None:
        """What is asked or told now; None at the end of a flow that tells nothing."""
        return next((step for step in self.steps if step.id == self.at), None)

    @property
    def is_over(self) -> bool:
        """True where nothing more is asked."""
        step = self.step
        return step is None or not step.choices

    def choose(self, place: int) -> Walk:
        """Take the choice at ``place`` (from 0); the same walk where there is none."""
        step = self.step
        if step is None or not 0 <= place < len(step.choices):
            return self
        choice = step.choices[place]
        passed = {each.step.id for each in self.taken} | {step.id}
        known = {each.id for each in self.steps}
        goal = choice.next if choice.next in known and choice.next not in passed else ""
        return Walk(self.steps, (*self.taken, Taken(step, choice.label)), goal)

    def back(self) -> Walk:
        """The question before, asked again."""
        return Walk(self.steps, self.taken[:-1], self.taken[-1].step.id) if self.taken else self

    def back_to(self, place: int) -> Walk:
        """The question at ``place`` of the path, asked again."""
        return Walk(self.steps, self.taken[:place], self.taken[place].step.id) if 0 <= place < len(self.taken) else self

    def told(self) -> str:
        """The path in one line for a ticket: questions, answers and what was told at the end; "" where nothing was chosen."""
        if not self.taken:
            return ""
        path = "；".join(f"{each.step.text.rstrip('？?。')}：{each.label}" for each in self.taken)
        step = self.step
        return f"{path}。{step.text}" if step is not None and not step.choices else f"{path}。"


def walk_of(steps: tuple[Step, ...]) -> Walk:
    """The beginning of a flow."""
    return Walk(steps, (), steps[0].id if steps else "")

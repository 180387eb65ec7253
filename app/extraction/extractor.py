"""The room's door: a dialogue in, ticket hits out, and an utterance's text for people.

``DialogueExtractor`` implements the port ``Extractor``. It builds one view of the dialogue and runs every rule module
over it; the order matters only where one needs another's results (regions before addresses, all fields before
matters). It is pure: equal dialogues give equal hits, on any thread. It never raises: a rule module that fails is
left out of this picture and counted in the log; tests construct it with ``strict=True``, where a failure is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.domain.dialogue import CallContext, Utterance
from app.domain.ticket import Hit
from app.extraction.address_subject import without_subject
from app.extraction.addresses import addresses
from app.extraction.amounts import amounts
from app.extraction.dialogue_view import DialogueView, view_of
from app.extraction.display import display
from app.extraction.event_time import event_time
from app.extraction.flags import flags
from app.extraction.gazetteer import Gazetteer
from app.extraction.history import Learned
from app.extraction.identifiers import identifiers
from app.extraction.landmarks import landmarks
from app.extraction.matters import find_matters
from app.extraction.measured_rules import MeasuredRules
from app.extraction.names import Names
from app.extraction.other_readings import settled
from app.extraction.phones import phones
from app.extraction.places import Places
from app.extraction.regions import Mention
from app.extraction.sound import Sound
from app.extraction.spelling import Spelling
from app.extraction.written import FOLLOWED, Written
from app.platform import logs
from app.platform.resource_files import resource

_log = logs.get("extraction")


class DialogueExtractor:
    """All field rules over shared word lists.

    Args:
        gazetteer: administrative divisions.
        names: name rules.
        sound: readings of characters.
        strict: raise what a rule module raises (tests); else leave the module out.
        learned: what the centre's own history taught (``tingdan learn``), where it did.
        measured: how often each rule was right; without it every rule is believed.
    """

    def __init__(self, gazetteer: Gazetteer, names: Names, sound: Sound, *, strict: bool = False,
                 learned: Learned | None = None, measured: MeasuredRules | None = None) -> None:
        self._places = Places(gazetteer)
        self._sound = sound
        self._names = names
        self._strict = strict
        self._learned = learned
        self._measured = measured if measured is not None else MeasuredRules({}, {})

    @classmethod
    def load(cls, *, strict: bool = False, learned: Learned | None = None) -> DialogueExtractor:
        """With the word lists that are shipped; about 0.1 s."""
        sound = Sound.load(resource("readings.csv"))
        spelling = Spelling.load(resource("spelled_components.csv"), resource("spelling_words.csv"), sound)
        names = Names.load(resource("surnames.txt"), spelling, sound)
        measured = MeasuredRules.load(resource("rule_precision.toml"))
        return cls(Gazetteer(resource("gazetteer"), sound), names, sound, strict=strict, learned=learned, measured=measured)

    def extract(self, dialogue: Sequence[Utterance], context: CallContext) -> tuple[Hit, ...]:
        """All that the dialogue so far supports, in a stable order, in the states that each rule's record allows."""
        from_sound = any(utterance.confidence < 1.0 or utterance.tokens for utterance in dialogue)
        return self._measured.applied(self.believed(dialogue, context), from_sound=from_sound)

    @property
    def followed(self) -> frozenset[str]:
        """Fields from which others are told."""
        return FOLLOWED

    def extract_following(self, dialogue: Sequence[Utterance], context: CallContext, written: Sequence[Written]) -> tuple[Hit, ...]:
        """The same where the operator wrote: his values stand for what was heard (``app.extraction.written``)."""
        from_sound = any(utterance.confidence < 1.0 or utterance.tokens for utterance in dialogue)
        return self._measured.applied(self.believed(dialogue, context, written), from_sound=from_sound)

    def believed(self, dialogue: Sequence[Utterance], context: CallContext, written: Sequence[Written] = ()) -> tuple[Hit, ...]:
        """The same with the rules' own states and confidences: what their record is counted on."""
        view = view_of(dialogue)
        fields = self.fields(view, context)
        hits = (*fields, *self._guarded("matters", lambda: find_matters(view, context, fields, self._learned, written)))
        hits = without_subject(hits)
        return tuple(sorted(hits, key=lambda hit: (hit.matter, hit.name, -hit.confidence, str(hit.value))))

    def fields(self, view: DialogueView, context: CallContext) -> tuple[Hit, ...]:
        """The fields of caller, place, time and numbers; without item, type, subject, demand, title and content."""
        named = self._named(view, context)
        view = settled(view, named, self._sound)
        return (
            *self._guarded("names", lambda: self._names.hits(view)),
            *self._guarded("phones", lambda: phones(view, context)),
            *self._guarded("identifiers", lambda: identifiers(view)),
            *self._guarded("amounts", lambda: amounts(view)),
            *self._guarded("event_time", lambda: event_time(view, context)),
            *self._guarded("flags", lambda: flags(view)),
            *self._guarded("places", lambda: self._places.hits(view, context, named)),
            *self._guarded("addresses", lambda: self._addresses(view, named)),
            *self._guarded("landmarks", lambda: landmarks(view, named)),
        )

    def _addresses(self, view: DialogueView, named: Mapping[int, Sequence[Mention]]) -> tuple[Hit, ...]:
        villages = [mention.turn.text[mention.start : mention.end] for mention in self._places.villages(view, named)]
        return addresses(view, named, self._places.local_names(named), self._sound, villages)

    def display(self, utterance: Utterance) -> str:
        """The utterance for people: punctuation, written numbers."""
        return display(utterance)

    def _named(self, view: DialogueView, context: CallContext) -> dict[int, list[Mention]]:
        try:
            return self._places.mentions(view, context)
        except Exception as error:
            if self._strict:
                raise
            _log.error("rule_failed", error, rule="mentions")
            return {}

    def _guarded(self, name: str, rule: Callable[[], Iterable[Hit]]) -> tuple[Hit, ...]:
        """A rule module must not take the others down: a broken one costs its own fields only."""
        try:
            return tuple(rule())
        except Exception as error:
            if self._strict:
                raise
            _log.error("rule_failed", error, rule=name)
            return ()

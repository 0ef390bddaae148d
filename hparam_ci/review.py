"""What the optional crew says of an Inspection: checked sentences, and how it came by them. No number of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["off", "ok", "skipped_no_key", "skipped_untrusted", "failed", "timeout"]
Section = Literal["summary", "patterns", "next"]
SECTIONS: tuple[Section, ...] = ("summary", "patterns", "next")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence.

    Attributes:
        text: one line.
        evidence: ids of the facts that it was checked against.
        sweep: path of its sweep, or "" where it speaks of all.
        by: who wrote it: a model, our own rule after a model's choice, or our own rule alone.
    """

    text: str
    evidence: tuple[str, ...]
    sweep: str
    by: Literal["model", "choice", "rule"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the requests took; the cost in US dollars where the model's price is known."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Review:
    """The crew's sentences by section.

    Attributes:
        status: how the run ended.
        reason: one line on why it did not end well, or "".
        model: as the user named it.
        sections: the sentences of each section; those of a section that the model failed are written by rule.
        dropped: sentences of the model that the facts do not bear out.
        cached: the same findings were asked about before, and nothing was asked now.
    """

    status: Status
    reason: str = ""
    model: str = ""
    sections: tuple[tuple[Section, tuple[Sentence, ...]], ...] = ()
    dropped: int = 0
    usage: Usage = Usage()
    seconds: float = 0.0
    cached: bool = False

    @property
    def kept(self) -> int:
        """Sentences that the model wrote or chose."""
        return sum(sentence.by != "rule" for _, sentences in self.sections for sentence in sentences)

    def of(self, section: Section, sweep: str | None = None) -> tuple[Sentence, ...]:
        """The sentences of a section, of one sweep where it is given; nothing unless the model has a part in them."""
        if not self.kept:
            return ()
        found = next((sentences for name, sentences in self.sections if name == section), ())
        return tuple(sentence for sentence in found if sweep is None or sentence.sweep == sweep)


OFF = Review("off")

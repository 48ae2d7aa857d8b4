"""An inbound text taken apart, before anything is known of what is open."""

from dataclasses import dataclass

from textback_server.domain.messages import Code, Inbound
from textback_server.domain.reading.normal import Plain, normal, plain
from textback_server.domain.reading.tokens import Token, tokens
from textback_server.domain.reading.words import OPT_IN_WORDS, OPT_OUT_WORDS


@dataclass(frozen=True, slots=True)
class Parsed:
    """`words` is the text folded for comparison, `text` the same for searching, `tokens` where a code may stand."""

    inbound: Inbound
    words: str
    text: Plain
    tokens: tuple[Token, ...]

    @property
    def codes(self) -> tuple[Code, ...]:
        """The codes to look up, each once, at most 32: whole tokens in order, then joined groups."""
        return tuple(dict.fromkeys(token.code for token in self.tokens))

    @property
    def opts_out(self) -> bool:
        """Whether Twilio takes the text for an opt-out."""
        return self.words in OPT_OUT_WORDS or self.inbound.opt_out_type == "STOP"

    @property
    def opts_in(self) -> bool:
        """Whether Twilio takes the text for an opt-in, whatever else it may mean to us."""
        return self.words in OPT_IN_WORDS or self.inbound.opt_out_type == "START"


def parse(inbound: Inbound) -> Parsed:
    """Take a text apart."""
    text = plain(inbound.body)
    return Parsed(inbound, normal(inbound.body), text, tokens(text))

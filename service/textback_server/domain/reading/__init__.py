"""Reading what people text back: one pure function from a text and what is open to what the text means.

`parse` says which codes to look up; `read` decides with what was found.
"""

from textback_server.domain.reading.answers import choose as choose
from textback_server.domain.reading.normal import normal as normal
from textback_server.domain.reading.parsed import Parsed as Parsed
from textback_server.domain.reading.parsed import parse as parse
from textback_server.domain.reading.read import is_opt_out as is_opt_out
from textback_server.domain.reading.read import read as read
from textback_server.domain.reading.values import RECENT as RECENT
from textback_server.domain.reading.values import Finding as Finding
from textback_server.domain.reading.values import Reading as Reading
from textback_server.domain.reading.values import Standing as Standing

"""Pure values and decisions: no clock, no randomness, no I/O. Time and chance arrive as arguments."""

"""The stages of a run, in order: look, act, tell. Each takes what the one before found."""

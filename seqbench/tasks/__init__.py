"""Synthetic tasks whose dependency gap is a knob: one file per task, each a subclass of `seqbench.tasks.base.Task`."""

"""Recurrent cores: one file per model, each a subclass of `seqbench.models.base.Core`."""

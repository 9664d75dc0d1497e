"""What can be set, how it is checked, and what is said where it is wrong."""

from seqbench.config.faults import ConfigError, Fault, clipped, in_one_line, message, shown
from seqbench.config.names import nearest, same
from seqbench.config.schema import Schema, knobs, later, load_class, schema, told_apart, validate
from seqbench.config.settings import (
    CPU,
    Component,
    Count,
    Device,
    Finite,
    Layers,
    Match,
    Optimizer,
    Options,
    Positive,
    Repetition,
    Scalar,
    Training,
    config_dir,
)

__all__ = [
    "CPU",
    "Component",
    "ConfigError",
    "Count",
    "Device",
    "Fault",
    "Finite",
    "Layers",
    "Match",
    "Optimizer",
    "Options",
    "Positive",
    "Repetition",
    "Scalar",
    "Schema",
    "Training",
    "clipped",
    "config_dir",
    "in_one_line",
    "knobs",
    "later",
    "load_class",
    "message",
    "nearest",
    "same",
    "schema",
    "shown",
    "told_apart",
    "validate",
]

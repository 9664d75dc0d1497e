"""Which valid name is meant by one that is not: written in another case, called so elsewhere, or misspelled."""

import difflib
from collections.abc import Iterable

#: What others call what has a name here.
SYNONYMS = {
    **dict.fromkeys(("lr", "step_size", "eta"), "learning_rate"),
    **dict.fromkeys(("epochs", "steps", "iterations", "num_steps", "n_steps", "budget"), "max_steps"),
    **dict.fromkeys(("batch", "bs", "minibatch", "batchsize"), "batch_size"),
    **dict.fromkeys(("grad_clip", "gradient_clip", "max_grad_norm", "clip_grad_norm"), "clip_norm"),
    **dict.fromkeys(("opt", "optim", "solver"), "optimizer"),
    **dict.fromkeys(("lr_schedule", "scheduler", "lr_scheduler"), "schedule"),
    **dict.fromkeys(("warmup", "warm_up"), "warmup_steps"),
    **dict.fromkeys(("tbptt", "bptt_steps", "truncation"), "truncate"),
    **dict.fromkeys(("hidden", "units", "hidden_units", "hidden_dim", "num_hidden", "d_model"), "hidden_size"),
    **dict.fromkeys(("num_layers", "n_layers", "depth", "stack"), "layers"),
    **dict.fromkeys(("conv", "d_conv", "conv_size", "kernel_size"), "convolution"),
    **dict.fromkeys(("ff", "ffn", "mlp", "expand", "expansion"), "feed_forward"),
    **dict.fromkeys(("lag", "delay", "distance", "length", "seq_len", "sequence_length", "t"), "gap"),
    **dict.fromkeys(("items", "num_items", "symbols", "values"), "load"),
    **dict.fromkeys(("random_state", "repetition", "repetitions", "repeats", "trials"), "seed"),
    **dict.fromkeys(("arch", "architecture", "net", "network", "arm", "core", "cell"), "model"),
    **dict.fromkeys(("data", "dataset", "problem", "benchmark"), "task"),
    **dict.fromkeys(("jobs", "n_jobs", "processes", "cores", "cpus", "parallel"), "workers"),
    **dict.fromkeys(("output", "out", "output_dir", "outdir", "folder"), "reports"),
    **dict.fromkeys(("gpu", "accelerator", "cuda"), "device"),
    **dict.fromkeys(("study", "experiment_name", "run_name"), "name"),
    **dict.fromkeys(("elman", "vanilla", "simple_rnn"), "rnn"),
    **dict.fromkeys(("addition", "add", "sum"), "adding"),
    **dict.fromkeys(("memory", "copying"), "copy"),
}


def nearest(name: str, valid: Iterable[str], prefix: str = "") -> str:
    """ "; did you mean 'x'?" with the valid name that is meant, else the list of valid names, each after `prefix`."""
    names = sorted(valid)
    found = same(name, names) or _close(name, names)
    if found:
        return f"; did you mean {prefix + found!r}?"
    return f"; choose from {', '.join(prefix + name for name in names)}" if names else ""


def same(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that is this one in another case, or the word for it here."""
    names = {other.casefold(): other for other in valid}
    asked = name.casefold().replace("-", "_")
    return names.get(asked) or names.get(SYNONYMS.get(asked, ""))


def _close(name: str, valid: Iterable[str]) -> str | None:
    names, asked = {other.casefold(): other for other in valid}, name.casefold()
    close = difflib.get_close_matches(asked, names, n=3, cutoff=0.55)
    swapped = [other for other in close if sorted(other) == sorted(asked)]  # the commonest slip
    return next((names[other] for other in (*swapped, *close)), None)

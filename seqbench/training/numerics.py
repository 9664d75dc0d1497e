"""What decides numbers beside a spec: what all runs of a process share, and the state that each of them begins with.

What no list can name (a library that was patched, a mode that was entered and never left) is kept apart by processes:
see `seqbench.executors.processes`.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import cuda as cards
from torch.backends import cuda, cudnn, mkldnn

from seqbench.plan import seeding

#: The kinds of device that runs are computed on.
KINDS = "cpu", "cuda"


class Shared(NamedTuple):
    """How it is asked for and set, and what it is at the beginning of a run."""

    ask: Callable[[], Any]
    put: Callable[[Any], Any]
    stated: Any


def _set_device(device: torch.device) -> None:
    torch.set_default_device(None if device.type == "cpu" else device)  # a device that is set costs time at each call


def _autocast() -> tuple[tuple[bool, torch.dtype], ...]:
    return tuple((torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)) for kind in KINDS)


def _set_autocast(states: tuple[tuple[bool, torch.dtype], ...]) -> None:
    for kind, (enabled, dtype) in zip(KINDS, states, strict=True):
        torch.set_autocast_enabled(kind, enabled)
        torch.set_autocast_dtype(kind, dtype)


#: Where newer versions of torch keep a precision for each kind of operation, of oneDNN and of cards.
_PRECISE: list[Any] = [
    kind
    for backend in (mkldnn, cuda, cudnn)
    for name in ("matmul", "conv", "rnn")
    if hasattr(kind := getattr(backend, name, None), "fp32_precision")
]


def _precision() -> tuple[str, bool | str, *tuple[str, ...]]:
    whole: str = "mixed"  # which torch refuses to name
    of_cudnn: bool | str = "mixed"
    with suppress(RuntimeError):
        whole = torch.get_float32_matmul_precision()
    with suppress(RuntimeError):
        of_cudnn = cudnn.allow_tf32
    return whole, of_cudnn, *(str(kind.fp32_precision) for kind in _PRECISE)


def _set_precision(state: tuple[str, bool | str, *tuple[str, ...]]) -> None:
    whole, of_cudnn, *kinds = state
    if whole != "mixed":
        torch.set_float32_matmul_precision(whole)
    if isinstance(of_cudnn, bool):
        cudnn.allow_tf32 = of_cudnn  # of all its operations; what is said of one of them comes after it
    for kind, precision in zip(_PRECISE, kinds, strict=True):
        kind.fp32_precision = precision


def _onednn() -> tuple[bool, bool]:
    return bool(mkldnn.enabled), bool(getattr(mkldnn, "deterministic", False))


def _set_onednn(state: tuple[bool, bool]) -> None:
    mkldnn.enabled, mkldnn.deterministic = state  # type: ignore[assignment]  # properties of the module


def _cudnn() -> tuple[bool, bool, bool]:
    return bool(cudnn.enabled), bool(cudnn.benchmark), bool(cudnn.deterministic)


def _set_cudnn(state: tuple[bool, bool, bool]) -> None:
    cudnn.enabled, cudnn.benchmark, cudnn.deterministic = state


def _attention() -> tuple[bool, ...]:
    asked: Any = cuda  # which states no types
    kinds = asked.flash_sdp_enabled(), asked.mem_efficient_sdp_enabled(), asked.math_sdp_enabled()
    return *kinds, torch.backends.mha.get_fastpath_enabled()


def _set_attention(state: tuple[bool, ...]) -> None:
    flash, mem_efficient, plain, fast = state
    cuda.enable_flash_sdp(flash)
    cuda.enable_mem_efficient_sdp(mem_efficient)
    cuda.enable_math_sdp(plain)
    torch.backends.mha.set_fastpath_enabled(fast)


def _deterministic() -> tuple[bool, bool]:
    return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()


def _set_deterministic(state: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(state[0], warn_only=state[1])


def _of_cards() -> tuple[torch.Tensor, ...]:
    """None of a process that uses no card: asking them would begin with it."""
    return tuple(cards.get_rng_state_all()) if cards.is_initialized() else ()  # type: ignore[no-untyped-call]


def _set_cards(states: tuple[torch.Tensor, ...]) -> None:
    if states:
        cards.set_rng_state_all(states)


def _flushes() -> bool:
    return (torch.tensor(1e-30, dtype=torch.float32, device="cpu") * 1e-10).item() == 0


def _set_numpy_faults(state: Mapping[str, Any]) -> None:
    np.seterr(**state)


#: One thread, because results on a CPU depend on their number; vanishing gradients make denormal numbers, slow ones.
SETTINGS: Mapping[str, Shared] = {
    "the default device": Shared(torch.get_default_device, _set_device, torch.device("cpu")),
    "the default type of numbers": Shared(torch.get_default_dtype, torch.set_default_dtype, torch.float32),
    "the number of threads": Shared(torch.get_num_threads, torch.set_num_threads, 1),
    "whether tiny numbers are zero": Shared(_flushes, torch.set_flush_denormal, True),
    "inference mode": Shared(torch.is_inference_mode_enabled, lambda _: None, False),  # only a block can end it
    "whether gradients are recorded": Shared(torch.is_grad_enabled, torch.set_grad_enabled, True),
    "automatic mixed precision": Shared(_autocast, _set_autocast, ((False, torch.bfloat16), (False, torch.float16))),
    "the precision of matrix products": Shared(
        _precision, _set_precision, ("highest", False, *["ieee"] * len(_PRECISE))
    ),
    "the use of oneDNN": Shared(_onednn, _set_onednn, (True, False)),
    "the use of cuDNN": Shared(_cudnn, _set_cudnn, (True, False, True)),
    "how attention is computed": Shared(_attention, _set_attention, (True, True, True, True)),
    "the use of deterministic algorithms": Shared(_deterministic, _set_deterministic, (False, False)),
    "the search for anomalies": Shared(
        lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        lambda state: torch.set_anomaly_enabled(*state),
        (False, True),
    ),
    "what NumPy does about faults": Shared(
        np.geterr, _set_numpy_faults, {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
    ),
}
#: Each begins a run at a number of its seed.
GENERATORS: Mapping[str, tuple[Callable[[], Any], Callable[[Any], Any], Callable[[int], Any]]] = {
    "torch's generator": (torch.get_rng_state, torch.set_rng_state, torch.manual_seed),
    "the generators of cards": (_of_cards, _set_cards, lambda _: None),  # torch.manual_seed has sown them
    "NumPy's generator": (np.random.get_state, np.random.set_state, np.random.seed),
    "Python's generator": (random.getstate, random.setstate, random.seed),
}


@contextmanager
def stated(seed: int, *names: str | int) -> Iterator[None]:
    """Within the block all of it is as stated, the generators at a stream of the seed; afterwards as it was before.

    Nothing of ours draws from these generators; a component of somebody else's may.
    """
    number = int(seeding.generator(seed, "shared", *names).integers(2**32))
    with ExitStack() as until_then:
        for ask, put, sow in GENERATORS.values():
            until_then.callback(put, ask())
            sow(number)
        until_then.enter_context(torch.inference_mode(False))
        for one in SETTINGS.values():
            until_then.callback(_put, one, one.ask())
            _put(one, one.stated)
        yield


def _put(one: Shared, value: Any) -> None:
    """Some are slow to be set, and most are as they should be."""
    if one.ask() != value:
        one.put(value)

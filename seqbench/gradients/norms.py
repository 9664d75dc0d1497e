"""How much gradient there is while training, by block of parameters."""

from torch import Tensor, nn

from seqbench.models.base import SequenceModel

BLOCKS = ("recurrent", "input", "readout")


def parameter_blocks(model: SequenceModel) -> dict[str, list[nn.Parameter]]:
    """All parameters, sorted into recurrent matrices (name contains "weight_hh" or "W_hh"), readout, and the rest."""
    blocks: dict[str, list[nn.Parameter]] = {block: [] for block in BLOCKS}
    for name, parameter in model.named_parameters():
        if name.startswith("readout."):
            blocks["readout"].append(parameter)
        else:
            recurrent = any(mark in name for mark in ("weight_hh", "W_hh"))
            blocks["recurrent" if recurrent else "input"].append(parameter)
    return blocks


def gradient_norm(parameters: list[nn.Parameter]) -> Tensor:
    """L2 norm of all gradients together, before any clipping; 0 where there are none."""
    return nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])

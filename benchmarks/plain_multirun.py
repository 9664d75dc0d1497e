"""The runs of `gap_sweep` as one writes them by hand: what a sweep is timed against in `commands.py`.

python benchmarks/plain_multirun.py -m task=adding,copy task.gap=10,50 model=rnn,lstm,lstm_chrono seed=0

It follows the documentation: Hydra's tutorial on multirun (config groups, basic launcher), PyTorch's on the training
loop, MLflow's on tracking (`log_params`, `log_metrics`, the default store). Models, sizes, data, budget, cadence of
records and validations, and the verdict are those of `gap_sweep`, of which the arm irnn is left out. It does not
measure the gradient by lag or by block, saves no model and writes no report.
"""

import logging

import hydra
import mlflow
import torch
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss, one_hot

SYMBOLS, LOAD, BLANK, GO = 8, 2, 8, 9

log = logging.getLogger(__name__)


def adding(gap: int, size: int) -> tuple[Tensor, Tensor]:
    """Values and markers; the sum of the two marked values is asked at the end, `gap` to `gap + 9` steps later."""
    length, rows = gap + 10, torch.arange(size)
    first = torch.randint(10, (size,))
    second = first + 1 + (torch.rand(size) * (length - 2 - first)).long()
    values, markers = torch.rand(size, length), torch.zeros(size, length)
    markers[rows, first] = markers[rows, second] = 1
    return torch.stack([values, markers], -1), (values * markers).sum(1)


def copy(gap: int, size: int) -> tuple[Tensor, Tensor]:
    """Two of eight symbols, and `gap` steps later the signal to repeat them."""
    symbols = torch.randint(SYMBOLS, (size, LOAD))
    shown = torch.full((size, gap + 2 * LOAD - 1), BLANK)
    shown[:, :LOAD], shown[:, -LOAD] = symbols, GO
    return one_hot(shown, SYMBOLS + 2).float(), symbols


class Net(nn.Module):
    """A recurrent layer, and a readout of its last outputs, as many as there are answers."""

    def __init__(self, cfg: DictConfig, input_size: int, output_size: int) -> None:
        super().__init__()
        layer = nn.RNN if cfg.model.name == "rnn" else nn.LSTM
        self.layer = layer(input_size, cfg.model.hidden_size, batch_first=True)
        self.readout = nn.Linear(cfg.model.hidden_size, output_size)
        self.answers = LOAD if cfg.task.name == "copy" else 1
        if cfg.model.name != "rnn":
            self.initialise_biases(cfg.task.gap if cfg.model.name == "lstm_chrono" else None)

    @torch.no_grad()
    def initialise_biases(self, longest: int | None) -> None:
        """Forget bias 1, or chrono initialisation for dependencies up to `longest`."""
        (b_i, b_f, _, _), (also_b_i, also_b_f, _, _) = self.layer.bias_ih_l0.chunk(4), self.layer.bias_hh_l0.chunk(4)
        also_b_f.zero_()
        if longest is None:
            b_f.fill_(1)
        else:
            b_f.uniform_(1, longest - 1).log_()
            b_i.copy_(-b_f)
            also_b_i.zero_()

    def forward(self, inputs: Tensor) -> Tensor:
        return self.readout(self.layer(inputs)[0][:, -self.answers :])


def loss_of(cfg: DictConfig, outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of the symbols, or squared error of the sum."""
    if cfg.task.name == "copy":
        return cross_entropy(outputs.flatten(0, 1), targets.flatten())
    return mse_loss(outputs[:, 0, 0], targets)


@torch.no_grad()
def evaluate(cfg: DictConfig, model: Net, inputs: Tensor, targets: Tensor) -> tuple[dict[str, float], bool]:
    """Scores, and whether they solve the task."""
    model.eval()
    outputs = torch.cat([model(part) for part in inputs.split(500)])
    loss = loss_of(cfg, outputs, targets).item()
    if cfg.task.name == "adding":
        return {"loss": loss}, loss <= 0.01
    accuracy = (outputs.argmax(-1) == targets).float().mean().item()
    return {"loss": loss, "accuracy": accuracy}, accuracy >= 0.99


def train(cfg: DictConfig) -> str:
    """Up to the budget, or until a test after enough good validations says that the task is solved."""
    sample = {"adding": adding, "copy": copy}[cfg.task.name]
    model = Net(cfg, *{"adding": (2, 1), "copy": (SYMBOLS + 2, SYMBOLS)}[cfg.task.name])
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.learning_rate)
    validation, passed = sample(cfg.task.gap, cfg.validation_sequences), 0
    for step in range(1, cfg.max_steps + 1):
        model.train()
        inputs, targets = sample(cfg.task.gap, cfg.batch_size)
        loss = loss_of(cfg, model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), cfg.clip_norm)
        optimizer.step()
        if step % cfg.record_every == 0:
            mlflow.log_metrics({"train/loss": loss.item(), "gradient/norm": norm.item()}, step=step)
        if step % cfg.validate_every == 0:
            scores, good = evaluate(cfg, model, *validation)
            mlflow.log_metrics({f"validation/{name}": value for name, value in scores.items()}, step=step)
            passed = passed + 1 if good else 0
            if passed == cfg.validations_to_solve:
                passed = 0
                if test(cfg, model, sample, step):
                    return f"solved after {step} steps"
    test(cfg, model, sample, step)
    return f"unsolved after {step} steps"


def test(cfg: DictConfig, model: Net, sample, step: int) -> bool:
    """On sequences that were never used."""
    scores, solved = evaluate(cfg, model, *sample(cfg.task.gap, cfg.test_sequences))
    mlflow.log_metrics({f"test/{name}": value for name, value in scores.items()}, step=step)
    return solved


@hydra.main(version_base="1.3", config_path="plain", config_name="config")
def main(cfg: DictConfig) -> None:
    """One run, recorded in MLflow."""
    torch.manual_seed(cfg.seed)
    mlflow.set_experiment("gap_sweep")
    with mlflow.start_run(run_name=f"{cfg.task.name} {cfg.model.name} gap={cfg.task.gap} seed={cfg.seed}") as run:
        mlflow.log_params(OmegaConf.to_container(cfg))
        log.info(f"{run.info.run_name}: {train(cfg)}")


if __name__ == "__main__":
    main()

"""The look into the best and the worst gated arm."""

import synthetic

from reports import plots_of, small
from seqbench.analysis.findings import findings
from seqbench.report import figures
from seqbench.report.figures.draw import draw


def test_the_best_and_the_worst_gated_arm_are_looked_into_with_all_that_is_to_be_seen() -> None:
    record = small(arms=("rnn", "lstm", "lstm_chrono"), gaps=(10, 50, 100))
    best, worst = list(plots_of(record, synthetic.traces(record)).values())[-2:]
    assert (best.name, best.run_ids) == ("trace_best", ("copy-lstm_chrono-gap100-seed0",))
    assert (worst.name, worst.run_ids) == ("trace_worst", ("copy-lstm-gap100-seed0",))
    assert worst.title == "Inside the worst gated arm: lstm"
    told = " ".join(worst.caption)
    for part in (
        "lstm is the worst of the gated arms by how far they got (9 of 15 runs solved their task)",
        "on copy at gap 100 with seed 0 (unsolved after 2,000 steps; run copy-lst)",
        "the forget gate, the input gate and the output gate (0 shut, 1 open) and the cell state and the hidden state",
        "lowest validation loss, reading sequence 2 of its test.",
        "by timescale, longest on top",
        "The evidence (violet) is shown at steps 0 and 2, and the question (dashed) is asked at step 10",
        "1·10⁻⁵ for the hidden state and 1·10⁻³ for the cell state is left at the first evidence",
    ):
        assert part in told, part


def test_a_model_that_was_not_saved_and_a_record_without_gated_arms_are_not_looked_into() -> None:
    record = small()
    assert not [name for name in plots_of(record) if name.startswith("trace")]
    plain = small(arms=("rnn", "irnn"))
    assert not [name for name in plots_of(plain, synthetic.traces(plain)) if name.startswith("trace")]
    (only,) = (p for name, p in plots_of(record, synthetic.traces(record)).items() if name.startswith("trace"))
    assert only.title == "Inside the only gated arm: lstm"
    assert "lstm is the only gated arm" in only.caption[0]


def test_looks_are_drawn_after_all_else_and_stand_where_the_page_has_them() -> None:
    record, drawn = small(arms=("lstm",), gaps=(10,), seeds=[0]), list[str]()
    plots, _ = draw(findings(record), traces=synthetic.traces(record), each=lambda plot: drawn.append(plot.name))
    assert drawn[-2:] == ["task", "trace_best"]
    assert [plots[0].name, plots[-1].name] == ["task", "trace_best"]
    groups = [plot.group for plot in plots]
    assert list(dict.fromkeys(groups)) == [group for group in figures.GROUPS if group in groups]

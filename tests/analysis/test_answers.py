"""The answer in a sentence."""

from reports import GAPS, SEEDS, all_cells, small
from seqbench.analysis import answers
from seqbench.analysis import cells as tables


def test_the_answer_names_who_got_farthest_and_changes_with_the_data() -> None:
    cells = tables.summary_table(small().runs)
    assert answers.of_grid("copy", cells).startswith("On copy, lstm got farthest")
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, seed): "solved" for gap in GAPS for seed in SEEDS}
    cells = tables.summary_table(small(outcomes=swapped).runs)
    assert answers.of_grid("copy", cells).startswith("On copy, rnn got farthest")
    cells = tables.summary_table(small(outcomes=all_cells("solved")).runs)
    assert "rnn and lstm got equally far" in answers.of_grid("copy", cells)

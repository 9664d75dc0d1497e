"""Files of the user's own that would keep Hydra busy, or end it with a traceback: a line for each."""

import pytest
from plans import GLOBAL, faults_of

from seqbench.planning.make_plan import make_plan

#: Nine values, repeated nine times, and these nine times, and so on: 9**9.
BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
NO_SETTINGS = "it should hold settings, each on a line of its own as key: value"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hello", NO_SETTINGS),
        ("5", NO_SETTINGS),
        ("- a\n- b", NO_SETTINGS),
        ("_target_: x\na: " + "[" * 1000 + "]" * 1000, "it nests more than 20 deep"),
        ("_target_: x\na: " + "{a: " * 1000 + "1" + "}" * 1000, "it nests more than 20 deep"),
        (BOMB, "it holds more than 10,000 values, each counted as often as it is repeated"),
        ("a: &a [*a]", "*a stands within what it repeats, or before it"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("a:\n\t- b", "found character that cannot start any token"),
        ("a: " + "9" * 5000, "Exceeds the limit"),
    ],
    ids=["text", "number", "list", "deep lists", "deep maps", "bomb", "itself", "two", "tab", "digits"],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(own, text, told):
    folder = own(model__mine=text)
    (line,) = faults_of("model=mine", config_dir=folder)
    assert line.startswith(f"{folder}/model/mine.yaml: cannot be used: ".replace(str(folder), str(folder)[:50])[:50])
    assert told in line
    assert "\n" not in line


def test_a_file_that_another_one_names_is_looked_at_too(own):
    defaults = "defaults: [{override /model: mine}]\nname: mine\n"
    folder = own(model__mine=BOMB, experiment__mine_too=GLOBAL + defaults)
    (line,) = faults_of("+experiment=mine_too", config_dir=folder)
    assert "more than 10,000 values" in line


def test_files_that_nobody_names_stand_in_nobodys_way(own):
    assert len(make_plan(config_dir=own(model__mine=BOMB, notes__list="- a")).runs) == 1


def test_a_few_values_that_are_repeated_are_no_reason_to_refuse(own):
    folder = own(model__mine="_target_: &t my_classes.Mine\ntext: *t\nflag: true\n")
    (run,) = make_plan("model=mine", config_dir=folder).runs
    assert run.model.settings["text"] == "my_classes.Mine"


def test_a_setting_of_hydras_in_a_file_is_refused_with_the_way_that_works(own):
    text = GLOBAL + "hydra: {run: {dir: x}, verbose: true, sweeper: {params: {seed: 1}}}\n"
    run, verbose = faults_of("+experiment=mine", config_dir=own(experiment__mine=text))
    assert run.startswith("hydra.run.dir: cannot be set; reports=FOLDER says where reports go")
    assert verbose.startswith("hydra.verbose: cannot be set; --cfg job prints every setting")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "hydra: {sweeper: {params: {task: {gap: 3}}}}",
            "hydra.sweeper.params.task: it should be the values of one axis",
        ),
        ("training: [5]", "a list stands where a group of settings belongs"),
        ("controls: {a: 1}", "controls: {'a': 1} is not allowed; it should be a list of claims"),
        ("controls: [{requirement: x, control: y, expected: solves, axes: 5}]", "controls[0]: it should have axes"),
    ],
)
def test_a_map_for_a_list_and_a_list_for_a_map_are_told(own, text, told):
    lines = faults_of("+experiment=mine", config_dir=own(experiment__mine=GLOBAL + text))
    assert any(told in line for line in lines), lines

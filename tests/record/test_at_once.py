"""Several requests to a store at once, and those of one run in their order."""

import threading
import time

import pytest

from seqbench.record.at_once import AHEAD, THREADS, Shipping, in_order

SERVER, FILE = "http://127.0.0.1:5000", "sqlite:///mlflow.db"


@pytest.fixture
def shipping():
    made = Shipping(SERVER)
    yield made
    made.close()


def test_what_concerns_one_run_is_sent_in_the_order_in_which_it_came(shipping):
    sent = []
    for part in range(3):
        for run in ("a", "b"):
            shipping.send(run, lambda run=run, part=part: (time.sleep(0.01 * (2 - part)), sent.append((run, part))))
    shipping.settle()
    assert [part for run, part in sent if run == "a"] == [part for run, part in sent if run == "b"] == [0, 1, 2]


def test_several_runs_are_sent_at_once(shipping):
    together = threading.Barrier(THREADS, timeout=5)
    for run in range(THREADS):
        shipping.send(str(run), together.wait)
    shipping.settle()


def test_whoever_tells_waits_where_the_record_is_far_behind(shipping):
    slow, told = threading.Event(), []

    def tell():
        for run in range(AHEAD * THREADS + 1):
            shipping.send(str(run), slow.wait)
            told.append(run)

    teller = threading.Thread(target=tell)
    teller.start()
    teller.join(0.2)
    assert len(told) == AHEAD * THREADS
    slow.set()
    teller.join()
    shipping.settle()


def test_what_fails_is_raised_once_and_what_waits_its_turn_is_not_sent(shipping):
    sent, failing = [], threading.Event()

    def fail():
        failing.wait()
        raise ConnectionError("gone")

    shipping.send("a", fail)
    shipping.send("a", lambda: sent.append("a"))
    failing.set()
    with pytest.raises(ConnectionError, match="gone"):
        shipping.settle()
    shipping.send("b", lambda: sent.append("b"))
    shipping.settle()
    assert sent == ["b"]


def test_to_a_file_everything_is_written_at_once_by_the_thread_that_tells_it():
    threads = []
    shipping = Shipping(FILE)
    shipping.send("a", lambda: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]
    with pytest.raises(ConnectionError):
        shipping.send("a", lambda: (_ for _ in ()).throw(ConnectionError))


@pytest.mark.parametrize("uri", [SERVER, FILE])
def test_answers_come_in_the_order_of_the_questions(uri):
    def late(item):
        time.sleep(0.001 * (item % 3))
        return 2 * item

    assert list(in_order(late, range(100), uri)) == list(range(0, 200, 2))


def test_a_question_that_fails_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda item: 1 / item, [1, 0], SERVER))

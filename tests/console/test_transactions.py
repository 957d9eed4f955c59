"""What a script leaves out where a transaction could not be begun."""

from rinspect.console.transactions import Transactions


def run(script: str, *, failing: tuple[str, ...] = ()) -> list[str]:
    """The lines that are run, of which some fail."""
    transactions, ran = Transactions(), []
    for line in script.split(";"):
        argv = line.encode().split()
        if not transactions.leaves_out(argv):
            ran.append(line.strip())
            transactions.note(argv, failed=line.strip() in failing)
    return ran


def test_after_a_refused_multi_nothing_runs_until_its_end() -> None:
    assert run("set a 1; multi; set b 1; del a; exec; set c 1", failing=("multi",)) == ["set a 1", "multi", "set c 1"]
    assert run("MULTI; set b 1; Discard; set c 1", failing=("MULTI",)) == ["MULTI", "set c 1"]


def test_a_transaction_that_was_begun_runs() -> None:
    assert run("multi; set b 1; exec; set c 1") == ["multi", "set b 1", "exec", "set c 1"]


def test_a_nested_multi_fails_and_ends_nothing() -> None:
    script = "multi; set b 1; MULTI; set c 1; exec; set d 1"
    assert run(script, failing=("MULTI",)) == [line.strip() for line in script.split(";")]


def test_each_transaction_for_itself() -> None:
    assert run("multi; a; exec; MULTI; b; exec", failing=("multi",)) == ["multi", "MULTI", "b", "exec"]

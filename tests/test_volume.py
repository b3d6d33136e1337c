"""What only shows in volume; run by `make test-full`."""

import sys
from subprocess import PIPE, Popen

import pytest

from tests.conftest import run
from tests.published import assert_statements_tell_the_truth

pytestmark = pytest.mark.slow
SPAN = ("--seed", "11", "--from", "2016-01")
GIB = 1 << 30


def test_twenty_thousand_persons_are_received_built_and_printed_right(tmp_path):
    province, home = tmp_path / "province", tmp_path / "home"
    run("-m", "ingestion", "sample", str(province), "--persons", "20000", *SPAN, "--to", "2016-12", home=home)
    run("-m", "ingestion", "receive", str(province), home=home)
    run("dbt/build.py", home=home)
    run("-m", "reports", "statements", "--year", "2016", "--out", str(tmp_path / "statements"), home=home)
    assert_statements_tell_the_truth(home, tmp_path / "statements", province / "truth")


def test_the_sample_province_is_written_month_by_month_in_little_memory(tmp_path):
    peak = "import resource, sys; from ingestion.__main__ import main; code = main(); " + (
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024); sys.exit(code)"
    )
    arguments = ("sample", str(tmp_path / "province"), "--persons", "200000", *SPAN, "--to", "2016-12")
    with Popen([sys.executable, "-c", peak, *arguments], stdout=PIPE, text=True) as process:
        printed = process.communicate()[0]
    assert process.returncode == 0
    assert int(printed.split()[-1]) < GIB  # 1.33 million persons took 0.90 GiB, 200 000 took 0.37

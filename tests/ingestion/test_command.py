"""What a person types: exit code 0 when all is well, 2 when a file was refused, and Chinese that says what to do."""

from tests.conftest import run
from tests.ingestion.exchange_files import sample_of


def test_receive_and_batches_say_what_happened_and_exit_by_it(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    right, wrong = sample_of("delimited"), sample_of("fixed_width")
    right.rows[0]["insurance_code"] = "999"
    (files / right.file_name).write_bytes(right.bytes())
    command = ("-m", "ingestion", "receive", str(files))
    first = run(*command, home=tmp_path / "home")
    assert "tax_bureau/contribution_receipts" in first.stdout and "落地 1 个文件" in first.stdout
    again = run(*command, home=tmp_path / "home")
    assert "此前已落地 1 个" in again.stdout
    (files / wrong.file_name).write_bytes(wrong.bytes()[:-1])
    refused = run(*command, home=tmp_path / "home", check=False)
    assert refused.returncode == 2
    assert "拒收（truncated）接口 banks/benefit_payment_returns" in refused.stdout
    listed = run("-m", "ingestion", "batches", home=tmp_path / "home")
    assert "共 1 个批次，其中 0 个已被取代。" in listed.stdout and "20160105" in listed.stdout


def test_a_sample_that_cannot_be_drawn_is_refused_in_words(tmp_path):
    span = ("--from", "2016-02", "--to", "2016-03")
    command = ("-m", "ingestion", "sample", str(tmp_path / "x"), "--persons", "100", "--seed", "1", *span)
    refused = run(*command, home=tmp_path / "home", check=False)
    assert refused.returncode == 2 and "Traceback" not in refused.stdout and "起始月" in refused.stdout

"""`channels.yml`: strict, in Chinese, without secrets."""

from pathlib import PurePosixPath

import pytest

from ingestion.channels.declared import ChannelSpecError, DirectoryChannel, SftpChannel, channel_of

SFTP = {
    "kind": "sftp",
    "host": "sftp.example.invalid",
    "user": "sbj",
    "known_hosts": "/etc/warehouse/known_hosts",
    "key_file": "/etc/warehouse/key",
    "arrivals": "/out",
    "departures": "/in",
}


def declare(home, values: dict, source: str = "banks") -> None:
    lines = [f"  {key}: {value}" for key, value in values.items() if value is not None]
    (home / "channels.yml").write_text("\n".join([f"{source}:", *lines]), encoding="utf-8")


def test_a_source_that_is_not_named_uses_folders_of_the_home(home):
    expected = DirectoryChannel(
        "banks", PurePosixPath(home / "arrivals/banks"), PurePosixPath(home / "departures/banks")
    )
    assert channel_of("banks") == expected
    declare(home, SFTP, source="tax_bureau")
    assert channel_of("banks") == expected


def test_an_sftp_channel_says_all_it_needs(home):
    declare(home, {**SFTP, "port": 2222, "complete": "stable_size", "stable_seconds": 45})
    channel = channel_of("banks")
    assert isinstance(channel, SftpChannel) and channel.address == "SFTP sbj@sftp.example.invalid:2222"
    assert (channel.complete, channel.stable_seconds, channel.arrivals) == ("stable_size", 45, PurePosixPath("/out"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "ftp"}, "kind 的值 'ftp' 不认识；可用的值：directory、sftp"),
        ({"host": None}, "host 缺失；请写 host: "),
        ({"colour": "red"}, "colour 不认识"),
        ({"port": 70000}, "port 的值 70000 不合要求"),
        ({"known_hosts": None}, "known_hosts 缺失"),
        ({"known_hosts": "known_hosts"}, "known_hosts 的值 'known_hosts' 不是绝对路径"),
        ({"arrivals": "/out/../../etc"}, "arrivals 的值 '/out/../../etc' 不是绝对路径"),
        ({"key_file": None}, "key_file 与 password_variable 应恰好写一个"),
        ({"password_variable": "P"}, "key_file 与 password_variable 应恰好写一个"),
        ({"key_file": None, "password_variable": "hunter2!"}, "password_variable 不是环境变量名"),
        ({"complete": "soon"}, "complete 的值 'soon' 不认识"),
        ({"stable_seconds": 0}, "stable_seconds 的值 0 不合要求"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_write(home, changes, message):
    declare(home, {**SFTP, **changes})
    with pytest.raises(ChannelSpecError) as raised:
        channel_of("banks")
    assert f"channels.yml：banks.{message}" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_password_in_the_file_is_refused_and_not_repeated(home):
    declare(home, {**SFTP, "password": "hunter2"})
    with pytest.raises(ChannelSpecError, match="password_variable: 环境变量名") as raised:
        channel_of("banks")
    assert "hunter2" not in str(raised.value)


def test_an_unknown_source_is_refused(home):
    declare(home, SFTP, source="bank")
    with pytest.raises(ChannelSpecError, match=r"bank 不是来源；可用的来源：.*banks"):
        channel_of("banks")
    with pytest.raises(ChannelSpecError, match="没有来源 bank；"):
        channel_of("bank")

"""What `WAREHOUSE_HOME/channels.yml` may say: by which channel each source's files come and go. No secrets in it."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from ingestion.feed_spec import feed_files
from ingestion.settings import home
from ingestion.strict_yaml import FeedSpecError, Node, StrictLoader

KINDS = ("directory", "sftp")
COMPLETE = ("control_file", "stable_size")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


class ChannelSpecError(FeedSpecError):
    """`channels.yml` says something that cannot be run; the message names place and what to write."""

    exit_code = 1


@dataclass(frozen=True)
class Channel:
    """How a source's files arrive and depart: folders of the counterpart, and when a file is complete.

    complete: `control_file` (`<name>.ok` beside it) or `stable_size` (unchanged for `stable_seconds`).
    """

    source: str
    arrivals: PurePosixPath
    departures: PurePosixPath
    complete: str = "control_file"
    stable_seconds: int = 30
    look_every_seconds: int = 2


@dataclass(frozen=True)
class DirectoryChannel(Channel):
    """Folders of this machine, or mounted on it."""

    @property
    def address(self) -> str:
        """Return where the channel leads, for messages."""
        return f"目录 {self.arrivals}"


@dataclass(frozen=True)
class SftpChannel(Channel):
    """Folders of an SFTP server, whose host key stands in the file `known_hosts`."""

    host: str = ""
    port: int = 22
    user: str = ""
    known_hosts: Path = Path()
    key_file: Path | None = None
    password_variable: str | None = None

    @property
    def address(self) -> str:
        """Return where the channel leads, for messages."""
        return f"SFTP {self.user}@{self.host}:{self.port}"


class _ChannelNode(Node):
    def error(self, key: str, text: str) -> ChannelSpecError:
        path = ".".join(part for part in (self.where, key) if part) or "整个文件"
        return ChannelSpecError(f"通道定义 {self.file}：{path} {text}")


def sources() -> list[str]:
    """Return the sources that have feeds, in alphabetical order."""
    return sorted({file.parent.name for file in feed_files()})


def channel_of(source: str) -> DirectoryChannel | SftpChannel:
    """Return the channel of a source; a source that `channels.yml` does not name uses folders of the home."""
    if source not in sources():
        raise ChannelSpecError(f"没有来源 {source}；已定义的来源：{'、'.join(sources())}")
    return _declared().get(source) or DirectoryChannel(source, *_default_folders(source))


def _default_folders(source: str) -> tuple[PurePosixPath, PurePosixPath]:
    return tuple(PurePosixPath(home() / name / source) for name in ("arrivals", "departures"))


def _declared() -> dict[str, DirectoryChannel | SftpChannel]:
    file = home() / "channels.yml"
    if not file.exists():
        return {}
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=StrictLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ChannelSpecError(f"通道定义 {file}：不是 UTF-8 编码的 YAML：{error}") from error
    top = _ChannelNode(document or {}, file)
    if unknown := [name for name in top.rest if name not in sources()]:
        raise top.error(str(unknown[0]), f"不是来源；可用的来源：{'、'.join(sources())}")
    return {source: _channel(source, _ChannelNode(value, file, source)) for source, value in top.rest.items()}


def _channel(source: str, node: _ChannelNode) -> DirectoryChannel | SftpChannel:
    kind = node.take("kind", str, "|".join(KINDS), choices=KINDS)
    common = {
        "complete": node.take("complete", str, "|".join(COMPLETE), default="control_file", choices=COMPLETE),
        "stable_seconds": _seconds(node, "stable_seconds", 30),
        "look_every_seconds": _seconds(node, "look_every_seconds", 2 if kind == "directory" else 5),
    }
    if kind == "directory":
        folders = [_folder(node, key, default) for key, default in _by_name(_default_folders(source))]
        node.close()
        return DirectoryChannel(source, *folders, **common)
    folders = [_folder(node, key, None) for key in ("arrivals", "departures")]
    channel = SftpChannel(source, *folders, **common, **_server(node))
    node.close()
    return channel


def _by_name(folders: tuple[PurePosixPath, PurePosixPath]) -> list[tuple[str, PurePosixPath]]:
    return list(zip(("arrivals", "departures"), folders, strict=True))


def _folder(node: _ChannelNode, key: str, default: PurePosixPath | None) -> PurePosixPath:
    text = node.take(key, str, "绝对路径，如 /exchange/in", default=... if default is None else str(default))
    folder = PurePosixPath(text)
    if not folder.is_absolute() or ".." in folder.parts:
        raise node.error(key, f"的值 {text!r} 不是绝对路径；请写从 / 开始、不含 .. 的路径")
    return folder


def _seconds(node: _ChannelNode, key: str, default: int) -> int:
    seconds = node.take(key, int, "秒数，如 30", default=default)
    if not 1 <= seconds <= 3600:
        raise node.error(key, f"的值 {seconds} 不合要求；请写 1 至 3600 之间的秒数")
    return seconds


def _server(node: _ChannelNode) -> dict:
    for key in ("password", "passphrase", "key"):
        if key in node.rest:
            # Not through take(): its message would repeat the secret.
            raise node.error(
                key, "不能写在本文件里；口令请写 password_variable: 环境变量名，密钥请写 key_file: 文件路径"
            )
    server = {
        "host": node.take("host", str, "服务器的域名或地址"),
        "port": node.take("port", int, "端口，如 22", default=22),
        "user": node.take("user", str, "用户名"),
        "known_hosts": _file(node, "known_hosts", "存放对方主机公钥的文件的绝对路径（OpenSSH known_hosts 格式）"),
        "key_file": _file(node, "key_file", "私钥文件的绝对路径", default=None),
        "password_variable": node.take("password_variable", str, "存放口令的环境变量名", default=None),
    }
    if not 1 <= server["port"] <= 65535:
        raise node.error("port", f"的值 {server['port']} 不合要求；请写 1 至 65535 之间的端口")
    if bool(server["key_file"]) == bool(server["password_variable"]):
        raise node.error("key_file", "与 password_variable 应恰好写一个")
    if server["password_variable"] and not _VARIABLE.fullmatch(server["password_variable"]):
        raise node.error("password_variable", "不是环境变量名；只用大写字母、数字和下划线，这里不写口令本身")
    return server


def _file(node: _ChannelNode, key: str, hint: str, **default) -> Path | None:
    text = node.take(key, str, hint, **default)
    if text is not None and not Path(text).is_absolute():
        raise node.error(key, f"的值 {text!r} 不是绝对路径；请写 {key}: {hint}")
    return text and Path(text)

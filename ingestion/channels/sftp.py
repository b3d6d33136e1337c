"""Channels that are folders of an SFTP server. The server's key must be known beforehand: it is never learnt here."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import paramiko

from ingestion.channels.declared import SftpChannel
from ingestion.channels.transport import NANOSECONDS, FileError, Seen, Transport, is_harmless

TAKEN = "taken"
PATIENCE = 15  # seconds for connecting, and for any one answer of the server


class Sftp(Transport):
    """An SFTP connection, made when it is first needed."""

    channel: SftpChannel

    def __init__(self, channel: SftpChannel):
        super().__init__(channel)
        self._client: paramiko.SSHClient | None = None

    def close(self) -> None:
        if self._client:
            self._client.close()
        self._client = None

    def files(self, folder: PurePosixPath) -> dict[str, Seen]:
        with self._explained("列出", folder):
            entries = self._sftp().listdir_attr(str(folder))
        return {
            entry.filename: _seen(entry)
            for entry in entries
            if stat.S_ISREG(entry.st_mode or 0) and is_harmless(entry.filename)
        }

    def look_at(self, file: PurePosixPath) -> Seen | None:
        with self._explained("查看", file):
            try:
                return _seen(self._sftp().lstat(str(file)))
            except FileNotFoundError:
                return None

    def fetch(self, file: PurePosixPath, target: Path) -> None:
        with self._explained("下载", file), target.open("wb") as copy:
            # Not ahead of need: paramiko's thread for that prints a traceback when the connection is lost.
            self._sftp().getfo(str(file), copy, prefetch=False)

    def store(self, file: Path, target: PurePosixPath) -> None:
        with self._explained("上传", target):
            self._sftp().put(str(file), str(target))  # compares the sizes afterwards

    def touch(self, target: PurePosixPath) -> None:
        with self._explained("上传", target):
            self._sftp().open(str(target), "w").close()

    def move(self, file: PurePosixPath, target: PurePosixPath) -> bool:
        with self._explained("改名", file):
            try:
                self._rename(str(file), str(target))
            except FileNotFoundError:
                return False
        return True

    def _rename(self, file: str, target: str) -> None:
        sftp = self._sftp()
        try:
            sftp.posix_rename(file, target)
        except FileNotFoundError:
            raise
        except OSError:  # a server without OpenSSH's extension; its plain rename never replaces
            sftp.lstat(file)  # one that is gone gives no reason to remove another: that may be a rival's claim
            with suppress(FileNotFoundError):
                sftp.remove(target)
            sftp.rename(file, target)

    def remove(self, file: PurePosixPath) -> None:
        with self._explained("删除", file):
            try:
                self._sftp().remove(str(file))
            except FileNotFoundError:
                return

    def dismiss(self, file: PurePosixPath) -> None:
        """Move a fetched file to the folder `taken`, never over an earlier one of its name."""
        folder = file.parent / TAKEN
        if self.look_at(folder) is None:
            with self._explained("建立 taken/", folder):
                self._sftp().mkdir(str(folder))
        # Asked name by name: a list of what was taken in years would be long, and asked for with every file.
        target, number = folder / file.name, 1
        while self.look_at(target):
            number += 1
            target = folder / f"{file.stem}.{number}{file.suffix}"
        self.move(file, target)

    def _sftp(self) -> paramiko.SFTPClient:
        if self._client is None:
            self._client = self._connected()
            self._session = self._client.open_sftp()
            self._session.get_channel().settimeout(PATIENCE)
        return self._session

    def _connected(self) -> paramiko.SSHClient:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            client.load_host_keys(str(self.channel.known_hosts))
        except OSError as error:
            raise self.failure(
                "读取 known_hosts", self.channel.known_hosts, "文件不存在或不可读", "请向对方索取主机公钥并写入该文件"
            ) from error
        try:
            client.connect(
                self.channel.host,
                self.channel.port,
                self.channel.user,
                key_filename=self.channel.key_file and str(self.channel.key_file),
                password=self._password(),
                allow_agent=False,
                look_for_keys=False,
                timeout=PATIENCE,
                banner_timeout=PATIENCE,
                auth_timeout=PATIENCE,
            )
        except BaseException:
            client.close()
            raise
        return client

    def _password(self) -> str | None:
        variable = self.channel.password_variable
        if variable and not os.environ.get(variable):
            raise self.failure("登录", None, f"环境变量 {variable} 没有设置", "请在运行环境里设置该变量后重启")
        return variable and os.environ[variable]

    @contextmanager
    def _explained(self, action: str, path: PurePosixPath) -> Iterator[None]:
        """Tell failures in the operator's words; of an exception's own text only what cannot hold a secret."""
        try:
            yield
        except paramiko.BadHostKeyException as error:
            raise self._closed(
                "核对主机公钥",
                None,
                "服务器的主机公钥与 known_hosts 不符，可能有人冒充",
                "请先向对方核实，确属更换再更新 known_hosts；在此之前不连接",
            ) from error
        except (paramiko.AuthenticationException, paramiko.PasswordRequiredException) as error:
            raise self._closed(
                "登录", None, "用户名、密钥或口令不被接受", "请核对 channels.yml，或请对方核对账户"
            ) from error
        except UnicodeDecodeError as error:
            raise self._closed(action, path, "有文件名不是 UTF-8", "请对方改正文件名") from error
        except paramiko.SSHException as error:
            if "not found in known_hosts" in str(error):
                raise self._closed(
                    "核对主机公钥", None, "known_hosts 里没有这台服务器", "请向对方索取主机公钥并写入 known_hosts"
                ) from error
            raise self._closed(action, path, "SSH 连接出错或中断", "请检查网络和对方服务器") from error
        except FileNotFoundError as error:
            next_step = "请检查 channels.yml 里的路径，或请对方建立该目录"
            raise self.failure(action, path, "不存在", next_step, FileError) from error
        except PermissionError as error:
            next_step = "请对方为我方账户开放该文件和目录的读写权限"
            raise self.failure(action, path, "没有权限", next_step, FileError) from error
        except (OSError, EOFError) as error:
            raise self._closed(action, path, "连接不上、超时或中断", "请检查网络、磁盘空间和对方服务器") from error

    def _closed(self, *words):
        """Close the connection, which may be in any state now, and return the failure."""
        self.close()
        return self.failure(*words)


def _seen(attributes: paramiko.SFTPAttributes) -> Seen:
    return Seen(attributes.st_size or 0, (attributes.st_mtime or 0) * NANOSECONDS)

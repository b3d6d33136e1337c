"""Read YAML strictly: no key twice, none unknown, and every mistake named with its place and what to write."""

from pathlib import Path

import yaml


class FeedSpecError(Exception):
    """A feed's YAML says something that cannot be run; the message names file, field and what to write."""


class StrictLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """A safe loader that refuses a key written twice, which YAML would let the last one win."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = {str(key) for key in keys if keys.count(key) > 1}
        if repeated:
            raise yaml.constructor.ConstructorError(
                None, None, f"键 {'、'.join(sorted(repeated))} 写了两次", node.start_mark
            )
        return super().construct_mapping(node, deep)


class Node:
    """A mapping of the YAML and where it stands, taken apart key by key so that nothing is overlooked."""

    def __init__(self, value, file: Path, where: str = ""):
        self.file, self.where = file, where
        if not isinstance(value, dict):
            raise self.error("", "应是键值映射")
        self.rest = dict(value)

    def error(self, key: str, text: str) -> FeedSpecError:
        path = ".".join(part for part in (self.where, key) if part) or "整个文件"
        return FeedSpecError(f"接口定义 {self.file.parent.name}/{self.file.name}：{path} {text}")

    def take(self, key: str, kind: type, hint: str, *, default=..., choices: tuple = ()):
        """Remove and return a value of that type; `hint` says in Chinese what to write when it is missing or wrong."""
        if key not in self.rest:
            if default is not ...:
                return default
            raise self.error(key, f"缺失；请写 {key}: {hint}")
        value = self.rest.pop(key)
        # bool is a subclass of int, and `width: true` must not pass for a number.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"的值 {value!r} 不合要求；请写 {key}: {hint}")
        if choices and value not in choices:
            raise self.error(key, f"的值 {value!r} 不认识；可用的值：{'、'.join(choices)}")
        return value

    def child(self, key: str, hint: str) -> "Node":
        return Node(self.take(key, dict, hint), self.file, f"{self.where}.{key}".lstrip("."))

    def children(self, key: str, hint: str) -> list["Node"]:
        items = self.take(key, list, hint)
        if not items:
            raise self.error(key, f"为空；请写 {key}: {hint}")
        return [Node(item, self.file, f"{self.where}.{key}[{i}]".lstrip(".")) for i, item in enumerate(items)]

    def close(self) -> None:
        """Raise when keys are left that nothing asked for."""
        if self.rest:
            raise self.error("、".join(map(str, self.rest)), "不认识；请删除或改正键名")

"""Reads events, one in a line, as the classes of the project's own client, which are made from the published schema.

Everything that a class does not know, lacks, or has of another type is an error, and so is a facet that names
another version of its schema than the client's.
"""

import importlib
import inspect
import json
import pkgutil
import sys
import typing

import attr
import openlineage.client.generated as generated
from openlineage.client.generated import base

known = {}
for module in pkgutil.iter_modules(generated.__path__):
    loaded = importlib.import_module(f"{generated.__name__}.{module.name}")
    for name, kind in inspect.getmembers(loaded, inspect.isclass):
        if kind.__module__ == loaded.__name__ and attr.has(kind):
            known[name] = kind

facets = 0


def build(hint, value, where):
    """`value` as what `hint` says."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, getattr(__import__("types"), "UnionType")):
        if value is None and type(None) in arguments:
            return None
        hint = next(a for a in arguments if a is not type(None))
        return build(hint, value, where)
    if origin is list:
        assert isinstance(value, list), where
        return [build(arguments[0], one, f"{where}[]") for one in value]
    if origin is dict:
        assert isinstance(value, dict), where
        return {name: facet(one, f"{where}.{name}") if isinstance(one, dict) and "_schemaURL" in one
                else build(arguments[1], one, f"{where}.{name}") for name, one in value.items()}
    if inspect.isclass(hint) and attr.has(hint):
        return make(hint, value, where)
    if inspect.isclass(hint) and issubclass(hint, (str, int, float, bool)):
        assert isinstance(value, (str, hint)) if issubclass(hint, str) else isinstance(value, hint), where
        return hint(value)
    return value


def make(kind, value, where):
    # A class inherits hints from other modules than its own.
    space = {**vars(typing), **vars(base), **vars(sys.modules[kind.__module__])}
    hints = typing.get_type_hints(kind, space, space)
    fields = {f.name.lstrip("_") if f.name.startswith("_") else f.name: f for f in attr.fields(kind)}
    given = {}
    for name, one in value.items():
        plain = name.lstrip("_")
        if name in ("schemaURL", "_schemaURL"):
            continue
        assert plain in fields, f"{where}: {kind.__name__} has no {name}"
        given[plain] = build(hints[fields[plain].name], one, f"{where}.{name}")
    return kind(**given)


def facet(value, where):
    global facets
    name = value["_schemaURL"].rsplit("/", 1)[1]
    made = make(known[name], value, where)
    assert made._get_schema() == value["_schemaURL"], f"{where}: {value['_schemaURL']}, the client's is {made._get_schema()}"
    facets += 1
    return made


events = 0
for line in sys.stdin:
    event = json.loads(line)
    kind = event.pop("eventType")
    made = make(base.RunEvent, event, "event")
    made.eventType = base.EventType(kind)
    assert made.schemaURL == event["schemaURL"]
    events += 1
print(f"{events} events, {facets} facets")

"""One file, read twice: whether the readings agree, value by value."""

from . import intended, original

# Numbers beyond 64 bits are pinned by us; nobody means them.
_HUGE = 2 ** 53


def disagreements(path, report):
    """Lines that say where the original's reading of `path` and our report of it differ."""
    found = _compare("supervisord", path, report, original.supervisord, _ours)
    found += _compare("supervisorctl", path, report, original.supervisorctl, lambda values: values)
    return [] if found and intended.file(path) else found


def _compare(who, path, report, read, settle):
    ours = report.get(who)
    if ours is None:
        return [f"{who}: no report"]
    mine = ours.get("refusal")
    try:
        theirs = read(path)
    except original.Crashed as crash:
        return [] if mine is not None else [f"{who}: the original crashes ({crash}), ours accepts"]
    except original.Refused as refusal:
        if mine is not None and not _words(who, str(refusal), mine):
            return []
        leniency = original.Leniency(allows=True)
        try:
            theirs = read(path, leniency)
        except original.Crashed as second:
            return [] if mine is not None else [f"{who}: the original crashes ({second}), ours accepts"]
        except original.Refused as second:
            if mine is not None:
                return _words(who, str(second), mine)
            return [f"{who}: the original refuses ({second}), ours accepts"]
        intended.lenient(leniency.used)
        made = list(_values("to be made", leniency.directories, ours.get("directoriesToMake", [])))
        if made and mine is None:
            return [f"{who}: {line}" for line in made]
    if mine is not None:
        if intended.refusal(mine):
            return []
        return [f"{who}: the original accepts, ours refuses ({mine})"]
    return [f"{who}: {line}" for line in _values("", _settled(theirs), _settled(settle(ours)))]


def _words(who, theirs, mine):
    first = (theirs.split("\n")[0], mine.split("\n")[0])
    if first[0] == first[1] or intended.words(mine, theirs):
        return []
    return [f"{who}: the original says  {first[0]!r}", f"{who}: ours says          {first[1]!r}"]


def _ours(values):
    """Our report in the shape of the original's values."""
    values = dict(values)
    values["sockets"] = [socket if "port" in socket else socket | {
        "chown": original.owner(socket["chown"]) or (-1, -1)} for socket in values["sockets"]]
    values["groups"] = [_group(group) for group in values["groups"]]
    values["notices"] = [(notice["level"], notice["text"]) for notice in values["notices"]
                         if notice["level"] != "critical" and not intended.notice(notice["text"])]
    return {key: values[key] for key in ("daemon", "sockets", "groups", "notices")}


def _group(group):
    group = dict(group)
    if group["kind"] in ("program", "group"):
        group["kind"] = None
    if "events" in group:
        group["events"] = sorted(group["events"])
    if "socket_owner" in group:
        group["socket_owner"] = original.owner(group["socket_owner"])
    return group


def _settled(value):
    if isinstance(value, dict):
        return {key: _settled(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_settled(element) for element in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _HUGE:
        return "huge" if value > 0 else "-huge"
    return value


def _values(place, theirs, mine):
    if isinstance(theirs, dict) and isinstance(mine, dict):
        for key in {**theirs, **mine}:
            yield from _values(f"{place}.{key}" if place else key, theirs.get(key), mine.get(key))
    elif isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        for number, pair in enumerate(zip(theirs, mine)):
            yield from _values(f"{place}[{number}]", *pair)
    elif theirs != mine or isinstance(theirs, bool) != isinstance(mine, bool):
        yield f"{place}: the original {theirs!r}, ours {mine!r}"

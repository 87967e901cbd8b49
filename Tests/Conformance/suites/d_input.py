"""D. What a request's XML may look like: types, texts, layout, and what is no call."""

import base64

from harness import rpc
from harness.registry import suite

scenario = suite("D")

RUN = "[program:run]\ncommand=/bin/cat\nstartsecs=0\n"


def _call(method, *values):
    params = "".join(f"<param><value>{value}</value></param>" for value in values)
    return (f"<?xml version='1.0'?>\n<methodCall><methodName>{method}</methodName>"
            f"<params>{params}</params></methodCall>")


def _record(t, sv, field, body):
    """The answer to a body, whatever it is."""
    data = body if isinstance(body, bytes) else body.encode()
    try:
        answer = rpc.post(sv.address, data)
    except rpc.Refused as refused:
        t.record(field, str(refused))
        return
    t.record(field, f"{answer.status}\n{answer.body.decode() if answer.status == 200 else ''}")


def _echo(t, sv, *values):
    """What the daemon understood: a fault of sendProcessStdin tells any value that is no string."""
    sv.wait("run", "RUNNING")
    for value in values:
        _record(t, sv, value, _call("supervisor.sendProcessStdin", "run", value))


def _name(t, sv, *values):
    """What the daemon understood of a string: the fault for an unknown name tells it."""
    for value in values:
        _record(t, sv, value, _call("supervisor.getProcessInfo", value))


@scenario
def xml_integers(t):
    """Signs, blanks, leading zeros, many digits; and what is no integer."""
    sv = t.serve(RUN)
    _echo(t, sv, "<int>5</int>", "<i4>-5</i4>", "<int> 7\n</int>", "<int>+8</int>", "<int>007</int>",
          "<int>1_000</int>", "<int>2147483647</int>", "<int>2147483648</int>", "<int>-9223372036854775807</int>",
          "<int/>", "<int></int>", "<int> </int>", "<int>x</int>", "<int>1.0</int>", "<int>0x10</int>",
          "<int>--1</int>", "<int>1__0</int>", "<int>1 2</int>", "<i4>5</i4>", "<int>5<!-- five --></int>")


@scenario
def xml_doubles(t):
    """Forms of a number with a fraction; and what is none."""
    sv = t.serve(RUN)
    _echo(t, sv, "<double>1.5</double>", "<double>-0.25</double>", "<double> 2.5 </double>", "<double>.5</double>",
          "<double>5.</double>", "<double>1e3</double>", "<double>inf</double>", "<double>NaN</double>",
          "<double/>", "<double>x</double>", "<double>0x1p3</double>", "<double>1,5</double>")


@scenario
def xml_booleans(t):
    """1 is true, everything else is false."""
    sv = t.serve(RUN)
    _echo(t, sv, *(f"<boolean>{text}</boolean>" for text in ("1", "0", "true", " 1", "2", "")), "<boolean/>")


@scenario
def xml_times(t):
    """A time has one form; everything else is no message."""
    sv = t.serve(RUN)
    _echo(t, sv, *(f"<dateTime.iso8601>{text}</dateTime.iso8601>" for text in (
        "20260102T03:04:05", "20260102T03:04:00", "20261302T03:04:05", "2026-01-02T03:04:05", "x", "")))
    _record(t, sv, "as a name", _call(
        "supervisor.getProcessInfo", "<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>"))


@scenario
def xml_base64(t):
    """base64 stands for the text it encodes; wrong padding and bytes that are no text are no message."""
    sv = t.serve("")
    coded = base64.b64encode("grüße & more".encode()).decode()
    _name(t, sv, f"<base64>{coded}</base64>", f"<base64>\n {coded[:5]}\n{coded[5:]} \n</base64>", "<base64/>",
          "<base64>YQ</base64>", "<base64>Y</base64>", "<base64>/w==</base64>", "<base64>Y*Q==</base64>")


@scenario
def xml_unknown_types(t):
    """An unknown element is its text; without text it is nothing, which no method expects."""
    sv = t.serve(RUN)
    _name(t, sv, "<nil/>", "<i8>12</i8>", "<ex:nil xmlns:ex='x'/>", "<text>zz</text>", "<text> </text>",
          "<text><b>zz</b></text>", "<x/>")
    _echo(t, sv, "<nil/>", "<array><data><value><nil/></value></data></array>")
    _record(t, sv, "nil waits not", _call("supervisor.stopProcess", "run", "<nil/>"))
    _record(t, sv, "nil for nothing", _call("supervisor.getState", "<nil/>"))


@scenario
def xml_arrays(t):
    """Empty, nested and mixed arrays; an array without data is no message."""
    sv = t.serve(RUN)
    def array(*values):
        return f"<array><data>{''.join(f'<value>{value}</value>' for value in values)}</data></array>"
    _echo(t, sv, array(), array("a", "<int>1</int>", "<boolean>1</boolean>", "<double>0.5</double>", ""),
          array(array(), array("b")), array("it's", 'say "x"', "both ' and \"", "back\\slash", "li\nne", "grüße"),
          "<array> <data> <value>a</value> </data> </array>", "<array/>", "<array></array>",
          "<array><value>a</value></array>", "<array><data>loose</data></array>")


@scenario
def xml_structs(t):
    """Members in order, equal names, empty names; a member that lacks something is no message."""
    sv = t.serve(RUN)
    def struct(*members):
        return "<struct>" + "".join(
            f"<member><name>{name}</name><value>{value}</value></member>" for name, value in members) + "</struct>"
    _echo(t, sv, struct(), struct(("b", "<int>1</int>"), ("a", "x")), "<struct/>",
          struct(("", "<int>1</int>")), struct(("a", struct(("b", "<boolean>0</boolean>")))),
          "<struct><member><name>a</name></member></struct>", "<struct><member/></struct>",
          "<struct>\n <member> <name>a</name> <value>b</value> </member>\n</struct>")


@scenario
def xml_strings(t):
    """References, sections, blanks, line ends and every alphabet."""
    sv = t.serve("")
    _name(t, sv, "<string>a&amp;&lt;&gt;&quot;&apos;b</string>", "<string>&#65;&#x42;</string>",
          "<string>a<![CDATA[<b>&amp;]]>c</string>", "<string>a<!-- no -->b</string>", "<string> a </string>", " a ",
          "<string/>", "", "<string>日本語 😀 é e\u0301</string>", "tab\there", "<string>two\nlines</string>",
          "<string>a<?pi x?>b</string>", "<string>a<b>c</b>d</string>", "x<string>y</string>z", "a&#9;b&#10;c")


@scenario
def xml_line_ends(t):
    """A reader of XML makes LF of CR LF and of CR; a reference keeps the CR."""
    sv = t.serve(RUN)
    _echo(t, sv, "<array><data><value>a\r\nb\rc</value></data></array>",
          "<array><data><value>a&#13;&#10;b</value></data></array>")


@scenario
def xml_layouts(t):
    """Only the elements that carry values count, whatever stands around them."""
    sv = t.serve("")
    name = "<methodName>supervisor.getProcessInfo</methodName>"
    for field, body in {
            "no declaration": f"<methodCall>{name}<params><param><value>zz</value></param></params></methodCall>",
            "params first": f"<methodCall><params><param><value>zz</value></param></params>{name}</methodCall>",
            "no param": f"<methodCall>{name}<params><value>zz</value></params></methodCall>",
            "another root": f"<call>{name}<params><param><value>zz</value></param></params></call>",
            "no value": f"<methodCall>{name}<params><param><string>zz</string></param></params></methodCall>",
            "value in value": f"<methodCall>{name}<params><param><value><value>zz</value></value></param></params></methodCall>",
            "more elements": f"<methodCall><a/>{name}<params><x>1</x></params><b>2</b></methodCall>",
            "two lists": f"<methodCall>{name}<params/><params><param><value>zz</value></param></params></methodCall>",
            "two names": f"<methodCall><methodName>a.b</methodName>{name}<params/></methodCall>",
            "empty param": f"<methodCall>{name}<params><param/></params></methodCall>",
            "attributes": f"<methodCall a='1' b='2'>{name}<params c='3'/></methodCall>",
            "prefix": f"<m:methodCall xmlns:m='urn:m'>{name}<params/></m:methodCall>",
            "comment before": f"<!-- x --><methodCall>{name}</methodCall>",
            "comment after": f"<methodCall>{name}</methodCall>\n<!-- x -->\n",
            "instruction": f"<?xml version='1.0'?><?pi x?><methodCall>{name}</methodCall>",
            "document type": f"<?xml version='1.0'?><!DOCTYPE methodCall><methodCall>{name}</methodCall>",
            "blank name": "<methodCall><methodName> supervisor.getState </methodName></methodCall>",
            "lines": f"\n<methodCall>{name}</methodCall>",
    }.items():
        _record(t, sv, field, body)


@scenario
def xml_declarations(t):
    """A request is UTF-8, whatever its declaration says."""
    sv = t.serve("")
    for encoding in ("utf-8", "UTF-8", "iso-8859-1", "us-ascii", "utf-16", "nonsense"):
        body = _call("supervisor.getProcessInfo", "grüße").replace("'1.0'", f"'1.0' encoding='{encoding}'")
        _record(t, sv, encoding, body)
    for version in ("1.0", "1.1"):
        _record(t, sv, f"version {version}", _call("supervisor.getState").replace("'1.0'", f"'{version}'"))
    _record(t, sv, "mark", "\ufeff" + _call("supervisor.getState"))


@scenario
def xml_that_is_none(t):
    """What is not well-formed is HTTP 400, and the daemon goes on."""
    sv = t.serve("")
    good = _call("supervisor.getState")
    for field, body in {
            "words": "hello", "blank": " ", "open": "<methodCall>", "crossed": "<a><b></a></b>",
            "cut short": good[:-5], "twice": good + good, "more": good + "x", "two roots": "<a/><b/>",
            "entity": good.replace("getState", "&lol;"), "bare ampersand": good.replace("getState", "a&b"),
            "bare bracket": good.replace("getState", "a<b"), "no quotes": "<a b=c/>", "equal attributes": "<a b='1' b='2'/>",
            "control": good.replace("getState", "get\x01State"), "zero": good.replace("getState", "get&#0;State"),
            "surrogate": good.replace("getState", "&#xD800;"), "no name": "<methodCall/>",
            "empty name": "<methodCall><methodName/></methodCall>", "JSON": '{"method": "getState"}',
            "late declaration": " " + good, "section end": good.replace("getState", "]]>"),
    }.items():
        _record(t, sv, field, body)
    t.record("still there", sv.ask("getState"))


@scenario
def bytes_that_are_no_text(t):
    """A body that is not UTF-8 ends its connection, and the daemon goes on."""
    sv = t.serve("")
    good = _call("supervisor.getProcessInfo", "grüße")
    for field, body in {
            "latin": good.encode("latin-1"), "utf-16": good.encode("utf-16"), "utf-16 big": good.encode("utf-16-be"),
            "cut": good.encode().replace("ü".encode(), b"\xc3"), "long form": good.encode().replace(b"gr", b"\xc0\xaf"),
            "surrogates": good.encode().replace("ü".encode(), b"\xed\xa0\x80"), "noise": bytes(range(128, 256)),
    }.items():
        _record(t, sv, field, body)
    t.record("still there", sv.ask("getState"))


@scenario(tier="all")
def xml_nested_and_large(t):
    """Values inside values, long texts, many elements."""
    sv = t.serve(RUN)
    for depth in (1, 10, 40):
        _record(t, sv, f"depth {depth}", _call(
            "supervisor.sendProcessStdin", "run",
            "<array><data><value>" * depth + "x" + "</value></data></array>" * depth))
    for size in (1000, 1_000_000):
        answer = rpc.post(sv.address, _call("supervisor.getProcessInfo", "x" * size).encode())
        t.record(f"size {size}", f"{answer.status} {answer.body.count(b'x')}")
    many = "<array><data>" + "<value><int>1</int></value>" * 5000 + "</data></array>"
    answer = rpc.post(sv.address, _call("supervisor.sendProcessStdin", "run", many).encode())
    t.record("many", f"{answer.status} {answer.body.count(b'1, 1')}")

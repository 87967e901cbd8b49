"""Where a Swift source compares and where it has constants: tokens only, comments and strings left out."""

import re

TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<string>  \#*\"\"\".*?\"\"\" | \"(?:\\\((?:[^()]|\([^()]*\))*\)|\\.|[^"\\\n])*\" )
    | (?P<number>  (?<![\w.$]) (?:0x[0-9a-fA-F_]+|0b[01_]+|[0-9][0-9_]*) (?! \w | \.\d ) )
    | (?P<truth>   (?<![\w.`]) (?:true|false) \b )
    | (?P<compare> (?<=\s) (?:==|!=|<=|>=|<|>) (?=\s) )
    """,
    re.VERBOSE | re.DOTALL,
)

#: What becomes of each comparison: its limit moves by one, or yes is no.
OTHER = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}

#: Must be literals: they cannot become a choice. What they stand for is the wire, which other tests read.
RAW_VALUE = re.compile(r"^\s*case \w+ = -?\w+")


class Place:
    """One comparison or constant: what stands there, what stands there instead."""

    def __init__(self, file, text, match):
        self.file, self.start, self.end = file, match.start(), match.end()
        self.kind, self.old = match.lastgroup, match.group()
        self.line = text.count("\n", 0, self.start) + 1
        begin = text.rfind("\n", 0, self.start) + 1
        end = text.find("\n", self.start)
        self.column = self.start - begin + 1
        self.source = text[begin : end if end >= 0 else len(text)].strip()
        self.isAboutNil = re.match(r"\s*nil\b", text[self.end :]) is not None
        self.precedes = text[:self.start].split()[-1:]
        if self.kind == "number":
            self.new = f"{self.old} + 1"
        elif self.kind == "truth":
            self.new = "false" if self.old == "true" else "true"
        else:
            self.new = OTHER[self.old]

    @property
    def change(self):
        return f"{self.old} -> {self.new}"


def find(file, text):
    """The places of a source in their order, and how many had to be left out."""
    places, left_out = [], 0
    for match in TOKEN.finditer(text):
        if match.lastgroup in ("comment", "string"):
            continue
        place = Place(file, text, match)
        if place.precedes == ["func"]:  # the definition of an operator
            continue
        if RAW_VALUE.match(place.source):
            left_out += 1
            continue
        places.append(place)
    return places, left_out


def operator(old, number):
    """An operator of its own for each comparison, since names of operators have no digits."""
    digits = ""
    while number or not digits:
        digits += "^~%"[number % 3]
        number //= 3
    return old + digits


def choice(place, number):
    """What the source says instead: a choice made when the program runs."""
    if place.kind == "number":
        return f"Mutant.constant({number}, {place.old})"
    if place.kind == "truth":
        return f"Mutant.truth({number}, {place.old})"
    return operator(place.old, number)


def rewritten(text, numbered):
    """The source with every place a choice; `numbered` are pairs of a number and a place, in order."""
    result, end = [], 0
    for number, place in numbered:
        result += [text[end : place.start], choice(place, number)]
        end = place.end
    return "".join(result) + text[end:]


def definitions(numbered):
    """The Swift that the choices are made of."""
    lines = [
        "#if canImport(Glibc)",
        "    import Glibc",
        "#else",
        "    import Darwin",
        "#endif",
        "",
        "package enum Mutant {",
        '    static let chosen = getenv("SVINSTALL_MUTANT").flatMap { Int(String(cString: $0)) } ?? -1',
        "    package static func constant<T: FixedWidthInteger>(_ number: Int, _ value: T) -> T {",
        "        number == chosen ? value &+ 1 : value",
        "    }",
        "    package static func truth(_ number: Int, _ value: Bool) -> Bool { (number == chosen) != value }",
        "}",
        "",
    ]
    for number, place in numbered:
        if place.kind != "compare":
            continue
        name, old, new = operator(place.old, number), place.old, place.new
        lines.append(f"infix operator {name}: ComparisonPrecedence")
        body = f"{{ Mutant.chosen == {number} ? l {new} r : l {old} r }}"
        if place.isAboutNil:
            lines.append(f"func {name} <T>(_ l: T?, _ r: _OptionalNilComparisonType) -> Bool {body}")
        elif old in ("==", "!="):
            lines.append(f"func {name} <T: Equatable>(_ l: T, _ r: T) -> Bool {body}")
        else:
            lines.append(f"func {name} <T: Comparable>(_ l: T, _ r: T) -> Bool {body}")
            lines.append(
                f"func {name} <A: Comparable, B: Comparable>(_ l: (A, B), _ r: (A, B)) -> Bool {body}")
    return "\n".join(lines) + "\n"

"""Which notebooks share code beyond what everybody was given: a reason to talk, never a verdict.

Theory of operation. A notebook's code is read as tokens in which names, numbers and strings are all alike, so that
renaming hides nothing; comments, docstrings, imports and the way of writing are left out. A statement that stands in
the released notebook, too, is dropped. What is left is the student's own code, and each K tokens of it in a row have a
number, its *mark*. A mark that many people have is how one writes it, and says nothing. Two notebooks are alike in the
*passages* whose marks both have, in whatever order these stand.

To find pairs without comparing each with each, some marks of each notebook are looked up among the others', chosen by
winnowing (Schleimer, Wilkerson and Aiken, 2003): of every WINDOW marks in a row the smallest, so that no common passage
of K + WINDOW - 1 tokens is missed. (copydetect does much of this, and had its last release in March 2024.)

Nothing of a student's is run or compiled. Lines and notebooks made to be slow to read are cut.
"""

from __future__ import annotations

import hashlib
import io
import keyword
import tokenize
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Generic, NamedTuple, TypeVar

from grader.errors import BadNotebook
from grader.notebook import parse

EDITION = 1  # of all that follows: other marks after a change of it
K = 16  # tokens of a mark
WINDOW = 8
LEAST_TOKENS = 60  # that two have in common before anybody should look
LEAST_SHARE = 0.4  # of the one's own code; solutions written independently reach 0.28, disguised copies 0.82
LONG = 100  # tokens of one passage that are worth a look whatever the share; independent solutions reach 59
COMMON_PEOPLE = 8  # a mark of more people than this, and of more than this share, is how one writes it
COMMON_SHARE = 0.2
MOST_TOKENS = 20_000  # of a notebook
LONGEST_LINE = 2_000  # letters
LONGEST_CELL = 200_000
TRIED = 12  # places of one mark in the other notebook

# what a token means is seen by these words; all other names are alike
_KEPT = frozenset(keyword.kwlist) | frozenset(
    (
        *("abs", "all", "any", "bool", "dict", "enumerate", "float", "int", "isinstance", "len", "list", "map", "max"),
        *("min", "print", "range", "reversed", "round", "set", "sorted", "str", "sum", "super", "tuple", "zip"),
        *("Exception", "TypeError", "ValueError"),
    )
)
_BLANK = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}
_FSTRING = (getattr(tokenize, "FSTRING_START", -1), getattr(tokenize, "FSTRING_END", -1))  # tokens since Python 3.12
_ENDS = ")]}"
Who = TypeVar("Who", bound=Hashable)


class Token(NamedTuple):
    """A token as it is compared, and where it stands: cell among all cells from 0, first and last line in it from 1."""

    word: str
    cell: int
    line: int
    last: int


Statement = Sequence[Token]


class Passage(NamedTuple):
    """Tokens that two notebooks have in common: where they begin in each, and how many."""

    left: int
    right: int
    tokens: int


# ------------------------------------------------------------------------------------------------ reading


def statements(notebook: bytes) -> list[Statement]:
    """The statements of a notebook's code, each as its tokens; none for a file that is no notebook."""
    try:
        cells = parse(notebook, "notebook").code_cells
    except BadNotebook:
        return []
    return [one for cell in cells for one in _statements(cell.source, cell.index)]


def own_code(notebook: bytes, given: Collection[tuple[str, ...]]) -> list[Token]:
    """The tokens of a notebook's code without imports and without `given`, at most MOST_TOKENS."""
    left = [one for one in statements(notebook) if one[0].word not in ("import", "from") and words(one) not in given]
    return [token for one in left for token in one][:MOST_TOKENS]


def given_by(notebooks: Iterable[bytes]) -> frozenset[tuple[str, ...]]:
    """The statements of the released notebooks."""
    return frozenset(words(one) for notebook in notebooks for one in statements(notebook))


def words(statement: Statement) -> tuple[str, ...]:
    """A statement without its place."""
    return tuple(token.word for token in statement)


def marks(tokens: Sequence[Token]) -> list[int]:
    """The mark of the K tokens from each on, so that a mark's place is that of its first token. 48 bits: they are
    exact in JSON, and chance makes no two equal."""
    found = []
    for place in range(len(tokens) - K + 1):
        text = "\0".join(token.word for token in tokens[place : place + K])
        found.append(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big"))
    return found


def _statements(source: str, cell: int) -> Iterator[list[Token]]:
    """Split at the ends of lines and at semicolons; a docstring is none."""
    found: list[Token] = []
    for token in _tokens(source, cell):
        if token.word in ("\n", ";"):
            if found and words(found) != ('"',):
                yield found
            found = []
        elif found and token.word in _ENDS and found[-1].word == ",":
            found[-1] = token  # a comma at the end is a matter of taste
        else:
            found.append(token)
    if found and words(found) != ('"',):
        yield found


def _tokens(source: str, cell: int) -> Iterator[Token]:
    text = "\n".join("" if _is_magic(line) else line[:LONGEST_LINE] for line in source[:LONGEST_CELL].split("\n"))
    inside, after_dot = 0, False
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in _FSTRING:
                inside += 1 if token.type == _FSTRING[0] else -1
                if inside == 1 and token.type == _FSTRING[0]:
                    yield Token('"', cell, token.start[0], token.end[0])
            elif not inside and token.type not in _BLANK:
                yield Token(_word(token, after_dot), cell, token.start[0], token.end[0])
                after_dot = token.string == "."
    except (tokenize.TokenError, SyntaxError):
        return  # a cell that does not end counts as far as it can be read


def _word(token: tokenize.TokenInfo, after_dot: bool) -> str:
    if token.type == tokenize.NAME:
        return token.string if after_dot or token.string in _KEPT else "v"
    if token.type == tokenize.NEWLINE:
        return "\n"
    return {tokenize.NUMBER: "0", tokenize.STRING: '"'}.get(token.type, token.string)


def _is_magic(line: str) -> bool:
    return line.lstrip().startswith(("%", "!"))


# ------------------------------------------------------------------------------------------------ comparing


@dataclass(frozen=True)
class Prints(Generic[Who]):
    """What is kept of a notebook to find it again: whose it is, its marks in order, and how many tokens it has."""

    who: Who
    marks: Sequence[int]

    @property
    def tokens(self) -> int:
        return len(self.marks) + K - 1 if self.marks else 0

    @cached_property
    def winnowed(self) -> frozenset[int]:
        """Those by which it is looked up."""
        count = max(1, len(self.marks) - WINDOW + 1) if self.marks else 0
        return frozenset(min(self.marks[place : place + WINDOW]) for place in range(count))


@dataclass(frozen=True)
class Alike:
    """Two notebooks by their places in the list. `share` (0..1) of the own code of the one that has more of it in
    common, `tokens` that are."""

    left: int
    right: int
    share: float
    tokens: int
    passages: Sequence[Passage]


def common(prints: Sequence[Prints[Who]]) -> frozenset[int]:
    """Marks that so many people have that they say nothing."""
    owners: dict[int, set[Who]] = defaultdict(set)
    for one in prints:
        for mark in set(one.marks):
            owners[mark].add(one.who)
    most = max(COMMON_PEOPLE, COMMON_SHARE * len({one.who for one in prints}))
    return frozenset(mark for mark, who in owners.items() if len(who) > most)


def pairs(prints: Sequence[Prints[Who]]) -> list[Alike]:
    """Of each two people the two notebooks that have most in common, where that is enough to look at; those with the
    largest share first. Notebooks of one person are never compared."""
    ignored = common(prints)
    tables = [Table.of(one.marks, ignored) for one in prints]
    best: dict[frozenset[Who], Alike] = {}
    for left, right in _candidates(prints, ignored):
        one = _alike(tables, left, right)
        if one is not None:
            who = frozenset((prints[left].who, prints[right].who))
            if who not in best or (one.tokens, one.share) > (best[who].tokens, best[who].share):
                best[who] = one
    return sorted(best.values(), key=lambda one: (-one.share, -one.tokens, one.left, one.right))


def _candidates(prints: Sequence[Prints[Who]], ignored: Collection[int]) -> list[tuple[int, int]]:
    """Pairs with enough winnowed marks in common: one passage of LEAST_TOKENS has as many."""
    least = (LEAST_TOKENS - K + 1) // WINDOW
    places: dict[int, dict[Who, list[int]]] = defaultdict(lambda: defaultdict(list))
    skipped = frozenset(ignored)
    for place, one in enumerate(prints):
        for mark in one.winnowed - skipped:
            places[mark][one.who].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for by_person in places.values():  # not all pairs of all places: one person may have handed in a thousand times
        for some, others in combinations(by_person.values(), 2):
            shared.update((min(pair), max(pair)) for pair in product(some, others))
    return [pair for pair, count in shared.items() if count >= least]


@dataclass(frozen=True)
class Table:
    """The marks of a notebook, None for one that says nothing, and where each of them stands."""

    marks: Sequence[int | None]
    places: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, marks: Sequence[int], ignored: Collection[int] = ()) -> Table:
        kept = [None if mark in ignored else mark for mark in marks]
        places: dict[int, list[int]] = defaultdict(list)
        for place, mark in enumerate(kept):
            if mark is not None and len(places[mark]) < TRIED:
                places[mark].append(place)
        return cls(kept, dict(places))

    @property
    def tokens(self) -> int:
        return len(self.marks) + K - 1


def _alike(tables: Sequence[Table], left: int, right: int) -> Alike | None:
    """What two have in common; None where it is too little to look at."""
    one, other = tables[left], tables[right]
    found = passages(one, other)
    covered = (
        _covered((part.left, part.tokens) for part in found),
        _covered((part.right, part.tokens) for part in found),
    )
    share, tokens = max(covered[0] / one.tokens, covered[1] / other.tokens), min(covered)
    longest = max((part.tokens for part in found), default=0)
    enough = (share >= LEAST_SHARE and tokens >= LEAST_TOKENS) or longest >= LONG
    return Alike(left, right, round(share, 4), tokens, found) if enough else None


def passages(left: Table, right: Table) -> list[Passage]:
    """The longest runs of equal marks, in the order of the left one."""
    found, at = [], 0
    while at < len(left.marks):
        mark = left.marks[at]
        starts = right.places.get(mark, ()) if mark is not None else ()
        length, start = 0, 0
        for place in starts:
            run = _run(left.marks, right.marks, at, place)
            length, start = (run, place) if run > length else (length, start)
        if length:
            found.append(Passage(at, start, length + K - 1))
        at += max(length, 1)
    return found


def _run(left: Sequence[int | None], right: Sequence[int | None], i: int, j: int) -> int:
    """How many marks from there on are equal."""
    start, most = i, min(len(left), len(right) - j + i)
    while i < most and left[i] == right[j] and left[i] is not None:
        i, j = i + 1, j + 1
    return i - start


def _covered(parts: Iterable[tuple[int, int]]) -> int:
    """Tokens in any of the parts."""
    covered, end = 0, 0
    for start, tokens in sorted(parts):
        covered += max(0, start + tokens - max(start, end))
        end = max(end, start + tokens)
    return covered


# ------------------------------------------------------------------------------------------------ showing


def lines(tokens: Sequence[Token], start: int, count: int) -> dict[int, tuple[int, int]]:
    """Where a passage stands: by cell its first and last line."""
    found: dict[int, tuple[int, int]] = {}
    for token in tokens[start : start + count]:
        first, last = found.get(token.cell, (token.line, token.last))
        found[token.cell] = (min(first, token.line), max(last, token.last))
    return found


def marked_lines(tokens: Sequence[Token], parts: Mapping[int, tuple[int, int]]) -> dict[tuple[int, int], int]:
    """By cell and line, the number of the first passage that touches it; `parts` are (start, tokens) by number."""
    found: dict[tuple[int, int], int] = {}
    for number, (start, count) in parts.items():
        for token in tokens[start : start + count]:
            for line in range(token.line, token.last + 1):
                found.setdefault((token.cell, line), number)
    return found

"""The words of the grammar by part of speech: each has one part of speech and, where it agrees, one number."""

from collections.abc import Mapping

#: The end of a sentence, and what sentences are padded with.
END = "<end>"

NOUNS = """
key/keys cabinet/cabinets author/authors report/reports teacher/teachers child/children woman/women man/men
doctor/doctors farmer/farmers pilot/pilots lawyer/lawyers singer/singers painter/painters sailor/sailors
baker/bakers student/students neighbour/neighbours guest/guests friend/friends cousin/cousins uncle/uncles
king/kings queen/queens wolf/wolves mouse/mice goose/geese horse/horses dog/dogs cat/cats
bird/birds fox/foxes rabbit/rabbits tiger/tigers lion/lions bear/bears monkey/monkeys camel/camels
robot/robots engine/engines tractor/tractors wagon/wagons bicycle/bicycles boat/boats ship/ships train/trains
table/tables chair/chairs lamp/lamps mirror/mirrors window/windows door/doors basket/baskets bottle/bottles
picture/pictures letter/letters clock/clocks piano/pianos violin/violins castle/castles
"""
INTRANSITIVE = """
sings/sing sleeps/sleep laughs/laugh waits/wait arrives/arrive disappears/disappear trembles/tremble shines/shine
falls/fall grows/grow rests/rest smiles/smile shivers/shiver listens/listen works/work
"""
TRANSITIVE = """
sees/see likes/like follows/follow finds/find knows/know helps/help carries/carry admires/admire
watches/watch remembers/remember avoids/avoid praises/praise protects/protect wants/want hears/hear
"""


def _forms(pairs: str, number: int) -> tuple[str, ...]:
    """The singular (0) or the plural (1) forms, in the order of the lemmas."""
    return tuple(pair.split("/")[number] for pair in pairs.split())


#: Words by part of speech, in the order of their ids. The plural of a part that agrees follows its singular.
LEXICON: Mapping[str, tuple[str, ...]] = {
    "end": (END,),
    "that": ("that",),
    "and": ("and",),
    "opening": ("sometimes", "usually", "meanwhile", "perhaps", "clearly", "today", "nowadays", "certainly"),
    "determiner": ("the", "my", "your", "his", "her", "our", "their"),
    "adjective": (
        "old",
        "young",
        "small",
        "large",
        "tall",
        "heavy",
        "quiet",
        "clever",
        "brave",
        "famous",
        "strange",
        "gentle",
        "lonely",
        "noisy",
        "ancient",
        "modern",
        "green",
        "blue",
        "red",
        "yellow",
        "golden",
        "wooden",
        "broken",
        "dusty",
        "shiny",
        "clean",
        "curious",
        "cheerful",
        "nervous",
        "proud",
        "tired",
        "hungry",
    ),
    "degree": ("very", "quite", "rather", "fairly", "extremely", "surprisingly"),
    "adverb": (
        "quietly",
        "slowly",
        "quickly",
        "gladly",
        "calmly",
        "happily",
        "carefully",
        "softly",
        "loudly",
        "bravely",
        "eagerly",
        "patiently",
        "gracefully",
        "secretly",
        "openly",
        "politely",
        "nervously",
        "proudly",
        "suddenly",
        "often",
        "rarely",
        "frequently",
        "regularly",
        "warmly",
    ),
    "preposition": (
        "near",
        "behind",
        "beside",
        "under",
        "above",
        "beyond",
        "against",
        "with",
        "without",
        "opposite",
        "from",
        "below",
    ),
    "past": (
        "slept",
        "arrived",
        "laughed",
        "waited",
        "vanished",
        "danced",
        "jumped",
        "coughed",
        "sneezed",
        "escaped",
        "travelled",
        "stumbled",
        "whispered",
        "shouted",
        "cried",
        "survived",
        "returned",
        "collapsed",
        "hesitated",
        "improved",
        "suffered",
        "slipped",
        "succeeded",
        "failed",
        "wept",
        "complained",
        "recovered",
        "wandered",
        "yawned",
        "paused",
    ),
    "conjunction": ("but", "while", "because", "although"),
    "noun singular": _forms(NOUNS, 0),
    "noun plural": _forms(NOUNS, 1),
    "intransitive singular": _forms(INTRANSITIVE, 0),
    "intransitive plural": _forms(INTRANSITIVE, 1),
    "transitive singular": _forms(TRANSITIVE, 0),
    "transitive plural": _forms(TRANSITIVE, 1),
}
PARTS = tuple(LEXICON)
#: The vocabulary: the id of a word is its place.
WORDS = tuple(word for part in PARTS for word in LEXICON[part])

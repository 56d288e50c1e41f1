"""The words an agent says first, so that the customer knows who rings."""

from uuid import UUID

from support_desk.core.secrets import mac

PURPOSE = "callbacks.call_word"

# Everyday words of two to four kana that nobody mishears for another on this list by telephone.
# (said, written in Latin letters)
WORDS: tuple[tuple[str, str], ...] = (
    ("あさひ", "asahi"), ("あじさい", "ajisai"), ("いちご", "ichigo"), ("いなほ", "inaho"),
    ("うさぎ", "usagi"), ("うぐいす", "uguisu"), ("えんぴつ", "enpitsu"), ("えほん", "ehon"),
    ("おにぎり", "onigiri"), ("おりがみ", "origami"), ("かえで", "kaede"), ("かもめ", "kamome"),
    ("きつね", "kitsune"), ("きんぎょ", "kingyo"), ("くじら", "kujira"), ("くるみ", "kurumi"),
    ("けやき", "keyaki"), ("けしごむ", "keshigomu"), ("こだま", "kodama"), ("こすもす", "kosumosu"),
    ("さくら", "sakura"), ("さんぽ", "sanpo"), ("しずく", "shizuku"), ("しいたけ", "shiitake"),
    ("すずめ", "suzume"), ("すみれ", "sumire"), ("せんす", "sensu"), ("せせらぎ", "seseragi"),
    ("そらまめ", "soramame"), ("そよかぜ", "soyokaze"), ("たけのこ", "takenoko"), ("たぬき", "tanuki"),
    ("ちどり", "chidori"), ("ちょうちん", "chochin"), ("つばめ", "tsubame"), ("つくし", "tsukushi"),
    ("てがみ", "tegami"), ("てぶくろ", "tebukuro"), ("とんぼ", "tonbo"), ("ともしび", "tomoshibi"),
    ("なのはな", "nanohana"), ("なぎさ", "nagisa"), ("にじ", "niji"), ("にわとり", "niwatori"),
    ("ぬりえ", "nurie"), ("ねんど", "nendo"), ("のれん", "noren"), ("のはら", "nohara"),
    ("はなび", "hanabi"), ("はまべ", "hamabe"), ("ひまわり", "himawari"), ("ひばり", "hibari"),
    ("ふうりん", "furin"), ("ふでばこ", "fudebako"), ("へちま", "hechima"), ("ほたる", "hotaru"),
    ("ほうせき", "hoseki"), ("まつり", "matsuri"), ("まくら", "makura"), ("みかん", "mikan"),
    ("みずうみ", "mizuumi"), ("むらさき", "murasaki"), ("むぎわら", "mugiwara"), ("めだか", "medaka"),
    ("めがね", "megane"), ("もみじ", "momiji"), ("もぐら", "mogura"), ("やまびこ", "yamabiko"),
    ("やきいも", "yakiimo"), ("ゆうやけ", "yuyake"), ("ゆきうさぎ", "yukiusagi"), ("よもぎ", "yomogi"),
    ("らっきょう", "rakkyo"), ("りんご", "ringo"), ("りす", "risu"), ("れんげ", "renge"),
    ("れもん", "remon"), ("ろうそく", "rosoku"), ("わたがし", "watagashi"), ("わかば", "wakaba"),
)  # fmt: skip


def call_word(callback_id: UUID, language: str) -> str:
    """The two words of a callback: the same on the claimant's page and the agent's screen.

    Derived, never stored: the first key of the desk and the callback's id give them.
    """
    drawn = mac(PURPOSE, str(callback_id))
    first = int.from_bytes(drawn[:4], "big") % len(WORDS)
    second = int.from_bytes(drawn[4:8], "big") % (len(WORDS) - 1)
    chosen = (first, second + (second >= first))
    return (
        "・".join(WORDS[each][0] for each in chosen)
        if language == "ja"
        else " ".join(WORDS[each][1] for each in chosen)
    )

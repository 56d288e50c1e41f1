"""Frequent Japanese names with their readings: for demo customers, and for passwords made of names."""

from __future__ import annotations

import jaconv

_SURNAMES = """
佐藤 サトウ 鈴木 スズキ 高橋 タカハシ 田中 タナカ 伊藤 イトウ 渡辺 ワタナベ 山本 ヤマモト 中村 ナカムラ
小林 コバヤシ 加藤 カトウ 吉田 ヨシダ 山田 ヤマダ 佐々木 ササキ 山口 ヤマグチ 松本 マツモト
井上 イノウエ 木村 キムラ 林 ハヤシ 斎藤 サイトウ 清水 シミズ 山崎 ヤマザキ 森 モリ 池田 イケダ
橋本 ハシモト 阿部 アベ 石川 イシカワ 山下 ヤマシタ 中島 ナカジマ 石井 イシイ 小川 オガワ 前田 マエダ
岡田 オカダ 長谷川 ハセガワ 藤田 フジタ 後藤 ゴトウ 近藤 コンドウ 村上 ムラカミ 遠藤 エンドウ
青木 アオキ 坂本 サカモト 福田 フクダ 太田 オオタ 西村 ニシムラ 藤井 フジイ 金子 カネコ 岡本 オカモト
藤原 フジワラ 三浦 ミウラ 中野 ナカノ 中川 ナカガワ 原田 ハラダ 松田 マツダ 竹内 タケウチ 小野 オノ
田村 タムラ 中山 ナカヤマ 和田 ワダ 石田 イシダ 森田 モリタ 上田 ウエダ 原 ハラ 内田 ウチダ 柴田 シバタ
酒井 サカイ 宮崎 ミヤザキ 横山 ヨコヤマ 高木 タカギ 安藤 アンドウ 宮本 ミヤモト 大野 オオノ 小島 コジマ
谷口 タニグチ 今井 イマイ 工藤 クドウ 高田 タカダ 増田 マスダ 丸山 マルヤマ 杉山 スギヤマ 村田 ムラタ
大塚 オオツカ 新井 アライ 小山 コヤマ 平野 ヒラノ 河野 コウノ 上野 ウエノ 野口 ノグチ 武田 タケダ
松井 マツイ 千葉 チバ 菅原 スガワラ 岩崎 イワサキ 久保 クボ 木下 キノシタ 佐野 サノ 野村 ノムラ
松尾 マツオ 市川 イチカワ 菊地 キクチ 杉本 スギモト 古川 フルカワ
"""

_GIVEN_NAMES = """
花子 ハナコ 太郎 タロウ 陽子 ヨウコ 恵子 ケイコ 幸子 サチコ 和子 カズコ 洋子 ヒロコ 久美子 クミコ
由美子 ユミコ 明美 アケミ 真由美 マユミ 直美 ナオミ 智子 トモコ 裕子 ユウコ 美穂 ミホ 香織 カオリ
恵 メグミ 愛 アイ 彩 アヤ 舞 マイ 麻衣 マイ 美咲 ミサキ 葵 アオイ 陽菜 ヒナ 結衣 ユイ 結菜 ユナ 凛 リン
莉子 リコ 美月 ミヅキ さくら サクラ 優子 ユウコ 節子 セツコ 京子 キョウコ 文子 フミコ 典子 ノリコ
千代 チヨ 静江 シズエ 理恵 リエ 沙織 サオリ 千尋 チヒロ 博 ヒロシ 誠 マコト 浩 ヒロシ 隆 タカシ
茂 シゲル 清 キヨシ 実 ミノル 勇 イサム 進 ススム 豊 ユタカ 健一 ケンイチ 健太 ケンタ 翔太 ショウタ
大輔 ダイスケ 拓也 タクヤ 達也 タツヤ 直樹 ナオキ 和也 カズヤ 雄太 ユウタ 翔 ショウ 蓮 レン 陽翔 ハルト
湊 ミナト 悠真 ユウマ 大翔 ヒロト 颯太 ソウタ 一郎 イチロウ 次郎 ジロウ 三郎 サブロウ 正 タダシ
修 オサム 剛 ツヨシ 学 マナブ 聡 サトシ 徹 トオル 亮 リョウ 涼介 リョウスケ 俊介 シュンスケ
康平 コウヘイ 恭平 キョウヘイ 純 ジュン 光 ヒカル 薫 カオル 千秋 チアキ 真琴 マコト 明 アキラ
昭夫 アキオ 秀樹 ヒデキ 義男 ヨシオ 武 タケシ
"""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    words = text.split()
    return tuple(zip(words[::2], words[1::2], strict=True))


SURNAMES = _pairs(_SURNAMES)
GIVEN_NAMES = _pairs(_GIVEN_NAMES)


def romaji_spellings(kana: str) -> frozenset[str]:
    """How a reading is written in Latin letters: with long vowels written out, and as passports leave them out."""
    full: str = jaconv.kana2alphabet(jaconv.kata2hira(kana))
    return frozenset({full, full.replace("ou", "o").replace("oo", "o").replace("uu", "u")})

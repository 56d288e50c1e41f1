"""What the demo customers buy, and where they live: towns with their real postal codes, things of no real shop."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """A thing the demo shop sells."""

    title: str
    category: str
    price_yen: int


@dataclass(frozen=True)
class Place:
    """A town with its postal code and readings."""

    postal_code: str
    prefecture: str
    city: str
    town: str
    prefecture_kana: str
    city_kana: str
    town_kana: str


_GOODS = {
    "kitchen": """
        ステンレス水筒 500ml 青|2480
        鉄のフライパン 26cm|4980
        ほうろう鍋 20cm 白|6980
        竹のまな板 大|1980
        電気ケトル 0.8L|3980
        曲げわっぱ弁当箱|5480
        Ceramic pour-over coffee dripper|1880
        Cast iron skillet 10 inch|5980
        Digital kitchen scale 2 kg|1780
        Set of six glass storage jars|2980
    """,
    "stationery": """
        ペン立て 木製|1680
        万年筆 細字 紺|3300
        方眼ノート A5 5冊組|1450
        和紙の便箋と封筒|980
        手帳 2027年版 週間|2200
        Mechanical pencil 0.5 mm|880
        Desk organiser bamboo|2680
        Dotted notebook hardcover|1590
    """,
    "toys": """
        木の積み木 50ピース|3480
        けん玉 競技用|1650
        ジグソーパズル 1000ピース 富士山|2750
        将棋盤セット 折りたたみ|4200
        Wooden railway starter set|6480
        Plush bear 40 cm|2990
        Marble run 120 pieces|5200
    """,
    "books": """
        はじめての家庭菜園|1650
        だしの基本 料理の本|1870
        日本の野鳥図鑑|2640
        やさしい編み物入門|1540
        Learning to whittle|2480
        A field guide to mosses|3120
        The patient baker|2950
    """,
    "garden": """
        剪定ばさみ 20cm|2380
        じょうろ 4L ブリキ|2780
        園芸用手袋 M|780
        プランター 60cm 3個組|3280
        Folding pruning saw|2890
        Solar garden lights set of eight|3680
    """,
    "electronics": """
        ワイヤレスイヤホン 黒|7980
        充電式電池 単3 8本|2180
        USB-C 充電器 65W|3980
        デスクライト LED|4580
        加湿器 4L 白|8980
        Mechanical keyboard compact|12800
        Portable speaker waterproof|6980
        External SSD 1 TB|13800
    """,
    "bedding": """
        羽毛布団 シングル|24800
        今治タオル バスタオル 2枚|3960
        い草まくら|2680
        毛布 ダブル ベージュ|5980
        Linen duvet cover queen|12800
        Memory foam pillow|4980
    """,
    "sports": """
        ヨガマット 8mm|2980
        登山用リュック 30L|9800
        バドミントンラケット 2本組|4480
        ランニングライト 充電式|1980
        Camping chair foldable|5480
        Trekking poles pair|6200
        Jump rope adjustable|1280
    """,
    "pet": """
        猫の爪とぎ ダンボール 3個|1580
        犬用ハーネス M 赤|2780
        自動給水器 2L|3980
        Cat tunnel collapsible|1980
        Dog bed washable large|5980
    """,
    "food": """
        静岡の深蒸し茶 100g 3袋|2160
        信州そば 乾麺 10束|2580
        北海道のはちみつ 500g|2380
        有機コーヒー豆 1kg|2980
        Maple syrup dark 500 ml|2180
        Assorted herbal tea 40 bags|1480
    """,
}

_PLACES = """
1000001 東京都 千代田区 千代田 トウキョウト チヨダク チヨダ
1500001 東京都 渋谷区 神宮前 トウキョウト シブヤク ジングウマエ
1600022 東京都 新宿区 新宿 トウキョウト シンジュクク シンジュク
1540024 東京都 世田谷区 三軒茶屋 トウキョウト セタガヤク サンゲンヂャヤ
1800004 東京都 武蔵野市 吉祥寺本町 トウキョウト ムサシノシ キチジョウジホンチョウ
2200012 神奈川県 横浜市西区 みなとみらい カナガワケン ヨコハマシニシク ミナトミライ
2480006 神奈川県 鎌倉市 小町 カナガワケン カマクラシ コマチ
2600013 千葉県 千葉市中央区 中央 チバケン チバシチュウオウク チュウオウ
3300854 埼玉県 さいたま市大宮区 桜木町 サイタマケン サイタマシオオミヤク サクラギチョウ
0600042 北海道 札幌市中央区 大通西 ホッカイドウ サッポロシチュウオウク オオドオリニシ
0400063 北海道 函館市 若松町 ホッカイドウ ハコダテシ ワカマツチョウ
9800811 宮城県 仙台市青葉区 一番町 ミヤギケン センダイシアオバク イチバンチョウ
9500911 新潟県 新潟市中央区 笹口 ニイガタケン ニイガタシチュウオウク ササグチ
3900811 長野県 松本市 中央 ナガノケン マツモトシ チュウオウ
9200919 石川県 金沢市 南町 イシカワケン カナザワシ ミナミチョウ
4600008 愛知県 名古屋市中区 栄 アイチケン ナゴヤシナカク サカエ
6008216 京都府 京都市下京区 東塩小路町 キョウトフ キョウトシシモギョウク ヒガシシオコウジチョウ
6048113 京都府 京都市中京区 井筒屋町 キョウトフ キョウトシナカギョウク イヅツヤチョウ
5300001 大阪府 大阪市北区 梅田 オオサカフ オオサカシキタク ウメダ
5420076 大阪府 大阪市中央区 難波 オオサカフ オオサカシチュウオウク ナンバ
6500021 兵庫県 神戸市中央区 三宮町 ヒョウゴケン コウベシチュウオウク サンノミヤチョウ
7300011 広島県 広島市中区 基町 ヒロシマケン ヒロシマシナカク モトマチ
7000822 岡山県 岡山市北区 表町 オカヤマケン オカヤマシキタク オモテチョウ
7600023 香川県 高松市 寿町 カガワケン タカマツシ コトブキチョウ
7900001 愛媛県 松山市 一番町 エヒメケン マツヤマシ イチバンチョウ
8100001 福岡県 福岡市中央区 天神 フクオカケン フクオカシチュウオウク テンジン
8500853 長崎県 長崎市 浜町 ナガサキケン ナガサキシ ハママチ
8600807 熊本県 熊本市中央区 下通 クマモトケン クマモトシチュウオウク シモトオリ
8920842 鹿児島県 鹿児島市 東千石町 カゴシマケン カゴシマシ ヒガシセンゴクチョウ
9000015 沖縄県 那覇市 久茂地 オキナワケン ナハシ クモジ
"""


def _good(category: str, line: str) -> Good:
    title, price = line.strip().rsplit("|", 1)
    return Good(title, category, int(price))


GOODS = tuple(_good(category, line) for category, text in _GOODS.items() for line in text.strip().splitlines())
PLACES = tuple(Place(*line.split()) for line in _PLACES.strip().splitlines())
BUILDINGS = (
    "",
    "",
    "",
    " コーポ富士101号室",
    " メゾン桜203号室",
    " グリーンハイツ305号室",
    " 港マンション702号室",
)

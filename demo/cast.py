"""Names, places and numbers of the people and houses that the demo company deals with.

Mail addresses and web sites end in ``.example`` (RFC 2606): nothing sent to them can arrive.
Telephone numbers have a valid form; each is drawn once.
"""
import unicodedata
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class Country:
    """A market: how people and houses are named there, and where they are."""

    code: str
    currency: str
    tz: str
    family_first: bool
    family: tuple
    given: tuple
    cities: tuple  # (city, zip)
    streets: tuple
    places: tuple  # words that houses are named after
    mobile: str  # '#' is a drawn digit
    landline: str


COUNTRIES = {
    "VN": Country(
        "VN", "VND", "Asia/Ho_Chi_Minh", True,
        ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô"),
        ("Minh Anh", "Thu Hà", "Quốc Bảo", "Gia Hân", "Đức Long", "Thanh Tâm", "Hải Yến",
         "Tuấn Kiệt", "Bảo Ngọc", "Hoàng Nam", "Mai Phương", "Khánh Linh", "Văn Hùng", "Thùy Dương",
         "Nhật Quang", "Ngọc Trâm", "Anh Khoa", "Diệu Linh", "Trung Hiếu", "Lan Chi"),
        (("Hồ Chí Minh City", "700000"), ("Hà Nội", "100000"), ("Đà Nẵng", "550000"),
         ("Cần Thơ", "900000"), ("Đà Lạt", "670000"), ("Nha Trang", "650000"),
         ("Hải Phòng", "180000"), ("Huế", "530000")),
        ("Nguyễn Huệ", "Lê Lợi", "Hai Bà Trưng", "Pasteur", "Trần Phú", "Điện Biên Phủ",
         "Phan Đình Phùng", "Võ Thị Sáu"),
        ("Bến Nghé", "Sông Hương", "Hoàn Kiếm", "Thảo Điền", "Hàng Bè", "Bạch Đằng", "Xuân Hương",
         "Ninh Kiều", "Cầu Đất", "Tân Định", "Phú Nhuận", "Sơn Trà", "Hội An", "Tây Hồ", "Kỳ Hòa",
         "Bình Quới", "Trúc Bạch", "An Phú", "Mỹ Khê", "Langbiang", "Thủ Thiêm", "Đồng Khởi",
         "Lá Phong", "Mây", "Gác Nhỏ", "Sen Xanh", "Hạt Nâu", "Ba Vì", "Cát Bà", "Vĩnh Hội"),
        "+84 9########", "+84 283#######"),
    "TH": Country(
        "TH", "USD", "Asia/Bangkok", False,
        ("Srisai", "Wongsakul", "Chaiyaporn", "Suwannarat", "Thongchai", "Boonmee", "Rattanakul"),
        ("Anong", "Somchai", "Kittipong", "Pimchanok", "Nattapong", "Siriporn", "Chanida",
         "Worawut", "Kanya", "Prasert", "Lalita", "Tanawat"),
        (("Bangkok", "10110"), ("Chiang Mai", "50200"), ("Phuket", "83000"),
         ("Khon Kaen", "40000")),
        ("Sukhumvit Road", "Nimmanhaemin Road", "Silom Road", "Charoen Krung Road"),
        ("Baan Suan", "Doi Chang", "Ari", "Thong Lo", "Chao Phraya", "Nimman", "Lanna", "Ratchada",
         "Bang Rak", "Andaman", "Suan Dok", "Ekkamai"),
        "+66 81#######", "+66 22######"),
    "TW": Country(
        "TW", "USD", "Asia/Taipei", True,
        ("Chen", "Lin", "Huang", "Chang", "Li", "Wu"),
        ("Chia-Hao", "Yi-Chun", "Wei-Ting", "Shu-Fen", "Po-Han", "Pei-Shan"),
        (("Taipei", "106"), ("Taichung", "403"), ("Kaohsiung", "802")),
        ("Yongkang Street", "Minsheng East Road", "Zhongshan Road"),
        ("Yongkang", "Dadaocheng", "Alishan", "Tamsui", "Beitou", "Fengjia"),
        "+886 912######", "+886 227######"),
    "JP": Country(
        "JP", "USD", "Asia/Tokyo", True,
        ("Sato", "Suzuki", "Takahashi", "Tanaka", "Ito", "Yamamoto"),
        ("Haruto", "Yui", "Sota", "Aoi", "Ren", "Mio"),
        (("Tokyo", "150-0001"), ("Osaka", "530-0001"), ("Kyoto", "600-8001")),
        ("Jingumae", "Umeda", "Shijo-dori"),
        ("Hinode", "Kissa Komorebi", "Kamogawa", "Yanaka", "Minato", "Nakameguro"),
        "+81 9012######", "+81 34567####"),
    "SG": Country(
        "SG", "USD", "Asia/Singapore", False,
        ("Tan", "Lim", "Lee", "Ng", "Wong", "Goh"),
        ("Wei Jie", "Hui Min", "Jun Hao", "Xin Yi", "Kai Wen", "Mei Ling"),
        (("Singapore", "168898"), ("Singapore", "238801")),
        ("Tiong Bahru Road", "Orchard Road", "Keong Saik Road"),
        ("Tiong Bahru", "Katong", "Joo Chiat", "Marina", "Telok Ayer", "Dempsey"),
        "+65 91######", "+65 62######"),
    "ID": Country(
        "ID", "USD", "Asia/Jakarta", False,
        ("Santoso", "Wijaya", "Pratama", "Hartono", "Kusuma"),
        ("Putri", "Budi", "Dewi", "Agus", "Rizky", "Ayu"),
        (("Jakarta", "12190"), ("Bandung", "40115"), ("Denpasar", "80361")),
        ("Jalan Senopati", "Jalan Braga", "Jalan Raya Ubud"),
        ("Nusantara", "Toraja", "Braga", "Senopati", "Ubud", "Kintamani"),
        "+62 8121######", "+62 215######"),
}

# kind of house: name patterns, jobs of the people met there, core's industry
HOUSES = {
    "cafe": (("{} Coffee House", "Café {}", "{} Espresso Bar", "{} Coffee & Bakery"),
             ("Owner", "Head Barista", "Store Manager"), "Food/Hospitality"),
    "hotel": (("{} Hotel", "{} Riverside Resort", "The {} Hotel & Spa"),
              ("Food & Beverage Manager", "Purchasing Manager", "Executive Chef"),
              "Food/Hospitality"),
    "office": (("{} Software", "{} Logistics", "{} Capital", "{} Coworking"),
               ("Office Manager", "Facility Manager", "Administration Director"),
               "Administrative/Utilities"),
    "roastery": (("{} Roasters", "{} Coffee Lab"),
                 ("Head Roaster", "Founder", "Operations Manager"), "Manufacturing"),
}

FREE_MAIL = ("post.example", "inbox.example", "mail.example")  # where homes have their addresses


def plain(text):
    """ASCII letters of a name, for addresses: 'Đặng Hải Yến' gives 'dang hai yen'."""
    text = text.replace("Đ", "D").replace("đ", "d")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


class Cast:
    """Draws people, houses and numbers; no address and no number comes twice."""

    def __init__(self, rng, taken=()):
        self.rng = rng
        self.taken = set(taken)

    def _once(self, draw):
        """The first drawn value that nobody has yet; ``draw`` gets the number of the attempt."""
        for attempt in count():
            value = draw(attempt)
            if value not in self.taken:
                self.taken.add(value)
                return value

    def phone(self, country, landline=False):
        pattern = country.landline if landline else country.mobile
        return self._once(lambda _attempt: "".join(
            str(self.rng.randrange(10)) if c == "#" else c for c in pattern))

    def person(self, country, domain=None):
        """(name, e-mail) of a person; at a house's domain or at a free mail house."""
        family, given = self.rng.choice(country.family), self.rng.choice(country.given)
        name = f"{family} {given}" if country.family_first else f"{given} {family}"
        local = plain(f"{given} {family}").replace(" ", ".")
        domain = domain or self.rng.choice(FREE_MAIL)
        return name, self._once(
            lambda attempt: f"{local}{attempt + 1 if attempt else ''}@{domain}")

    def house(self, country, kind):
        """(name, domain) of a business."""
        patterns, _jobs, _industry = HOUSES[kind]

        def draw(attempt):
            name = self.rng.choice(patterns).format(self.rng.choice(country.places))
            # the places of a small market are soon used up: then a second house in that city
            return name if attempt < 20 else f"{name} {self.rng.choice(country.cities)[0]}"
        name = self._once(draw)
        return name, f"{plain(name).replace(' ', '')}.{country.code.lower()}.example"

    def address(self, country):
        city, code = self.rng.choice(country.cities)
        return {"street": f"{self.rng.randrange(2, 280)} {self.rng.choice(country.streets)}",
                "city": city, "zip": code}

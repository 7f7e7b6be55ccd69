"""The countries that made-up shops sell to: cities, people's names, and sales taxes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.simulator.shop.amounts import Rates


@dataclass(frozen=True, slots=True)
class City:
    """A city with a plausible zip code. `province` and its code are None where addresses have none."""

    name: str
    zip: str
    province: str | None = None
    province_code: str | None = None


@dataclass(frozen=True, slots=True)
class Country:
    """A country with its taxes. `province_rates` replace `rates` in a province."""

    code: str
    name: str
    locale: str
    cities: tuple[City, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    rates: Rates = ()
    province_rates: tuple[tuple[str, Rates], ...] = ()


def _rates(**rates: str) -> Rates:
    return tuple((title.replace("_", " "), Decimal(rate)) for title, rate in rates.items())


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _cities(*rows: str) -> tuple[City, ...]:
    return tuple(City(*(part.strip() for part in row.split("|"))) for row in rows)


_GERMAN = _names("Anna Lena Marie Sophie Laura Julia Katrin Sabine Lukas Jonas Felix Paul Max Tobias Stefan Jens")
_ENGLISH = _names("Olivia Emma Amelia Grace Chloe Hannah Zoe Ruth Jack Oliver Noah Henry Samuel Daniel Peter Adam")

COUNTRIES = {
    country.code: country
    for country in (
        Country(
            "US", "United States", "en-US",
            _cities("Portland|97209|Oregon|OR", "Seattle|98101|Washington|WA", "Oakland|94607|California|CA",
                    "Los Angeles|90012|California|CA", "Austin|78701|Texas|TX", "Brooklyn|11201|New York|NY",
                    "Chicago|60607|Illinois|IL", "Denver|80202|Colorado|CO"),
            _ENGLISH, _names("Walker Brooks Bennett Hayes Foster Morgan Reed Parker Sullivan Rivera Chen Diaz"),
            _names("Maple Oak Cedar Pine Lake Hill River Mill"),
            province_rates=(
                ("CA", _rates(California_State_Tax="0.0725", County_Tax="0.0225")),
                ("NY", _rates(New_York_State_Tax="0.04", New_York_City_Tax="0.045")),
                ("TX", _rates(Texas_State_Tax="0.0625", Austin_City_Tax="0.01")),
                ("WA", _rates(Washington_State_Tax="0.065", Seattle_City_Tax="0.0385")),
                ("IL", _rates(Illinois_State_Tax="0.0625")),
                ("CO", _rates(Colorado_State_Tax="0.029")),
            ),
        ),
        Country(
            "CA", "Canada", "en-CA",
            _cities("Toronto|M5V 2T6|Ontario|ON", "Vancouver|V6B 1A1|British Columbia|BC",
                    "Montreal|H2Y 1C6|Quebec|QC", "Calgary|T2P 1J9|Alberta|AB"),
            _ENGLISH, _names("Tremblay MacDonald Roy Campbell Gagnon Fraser Singh Leblanc Stewart Wong"),
            _names("King Queen Bay Front Granville Birch"),
            rates=_rates(GST="0.05"),
            province_rates=(
                ("ON", _rates(HST="0.13")),
                ("BC", _rates(GST="0.05", PST="0.07")),
                ("QC", _rates(GST="0.05", QST="0.09975")),
            ),
        ),
        Country(
            "DE", "Germany", "de",
            _cities("Berlin|10115", "Hamburg|20095", "München|80331", "Köln|50667", "Leipzig|04109"),
            _GERMAN, _names("Müller Schmidt Weber Wagner Becker Hoffmann Schäfer Koch Richter Klein Wolf Braun"),
            _names("Lindenstraße Hauptstraße Gartenweg Bergstraße Schulstraße Mühlenweg"),
            rates=_rates(MwSt="0.19"),
        ),
        Country(
            "AT", "Austria", "de", _cities("Wien|1010", "Graz|8010", "Linz|4020", "Salzburg|5020"),
            _GERMAN, _names("Gruber Huber Bauer Steiner Moser Leitner Eder"),
            _names("Ringstraße Kirchengasse Bahnhofstraße"), rates=_rates(USt="0.20"),
        ),
        Country(
            "FR", "France", "fr", _cities("Paris|75011", "Lyon|69002", "Nantes|44000", "Lille|59800"),
            _names("Camille Chloé Léa Manon Inès Louise Hugo Louis Jules Arthur Théo Gabriel"),
            _names("Martin Bernard Dubois Moreau Laurent Lefèvre Garnier Rousseau"),
            _names("Voltaire Pasteur Hugo Jaurès"), rates=_rates(TVA="0.20"),
        ),
        Country(
            "NL", "Netherlands", "nl", _cities("Amsterdam|1012 AB", "Utrecht|3511 CE", "Rotterdam|3011 BD"),
            _names("Sanne Fleur Eva Lotte Daan Sem Bram Thijs Lars"),
            _names("Jansen Bakker Visser Smit Mulder Bos"), _names("Dorpsstraat Kerkstraat Molenweg"),
            rates=_rates(BTW="0.21"),
        ),
        Country(
            "GB", "United Kingdom", "en-GB",
            _cities("London|SE1 9GF|England|ENG", "Bristol|BS1 4DJ|England|ENG", "Leeds|LS1 5AE|England|ENG",
                    "Edinburgh|EH1 1RE|Scotland|SCT"),
            _ENGLISH, _names("Taylor Hughes Wright Harrison Murray Palmer Shaw Ellis Barnes Knight Khan Patel"),
            _names("Station High Church Victoria Albert Green"), rates=_rates(VAT="0.20"),
        ),
        Country(
            "CH", "Switzerland", "de-CH", _cities("Zürich|8001|Zürich|ZH", "Bern|3011|Bern|BE"),
            _GERMAN, _names("Meier Keller Frei Brunner Zimmermann"), _names("Seestrasse Dorfstrasse"),
            rates=_rates(MWST="0.081"),
        ),
        Country(
            "AU", "Australia", "en-AU",
            _cities("Melbourne|3000|Victoria|VIC", "Sydney|2000|New South Wales|NSW"),
            _ENGLISH, _names("Wilson Kelly Ryan Baker Thompson Lee"), _names("Collins Beach Wattle George"),
            rates=_rates(GST="0.10"),
        ),
        Country(
            "JP", "Japan", "ja",
            _cities("Shibuya|150-0002|Tokyo|JP-13", "Kita|530-0001|Osaka|JP-27", "Sapporo|060-0001|Hokkaido|JP-01"),
            _names("Yui Sakura Hina Aoi Haruto Yuto Sota Ren Kaito"),
            _names("Sato Suzuki Takahashi Tanaka Ito Yamamoto Kobayashi"), _names("Sakura Midori Chuo"),
            rates=_rates(Shōhizei="0.10"),
        ),
    )
}  # fmt: skip

_HOMES = {"EUR": "DE", "USD": "US", "CAD": "CA", "GBP": "GB", "CHF": "CH", "AUD": "AU", "JPY": "JP"}
_ABROAD = {
    "DE": ("AT", "FR", "NL", "CH", "GB", "US"),
    "US": ("CA", "GB", "AU"),
    "CA": ("US", "GB"),
    "GB": ("DE", "FR", "US", "AU"),
    "CH": ("DE", "AT", "FR"),
    "AU": ("GB", "US"),
    "JP": ("US", "AU"),
}
_UNION = frozenset(("DE", "AT", "FR", "NL"))


def home_country(currency: str) -> Country:
    """Return the country of a shop with this currency."""
    return COUNTRIES[_HOMES.get(currency, "US")]


def foreign_markets(home: Country) -> tuple[Country, ...]:
    """Return the other countries that a shop of this country sells to, the nearest first."""
    return tuple(COUNTRIES[code] for code in _ABROAD[home.code])


def tax_rates(home: Country, country_code: str, province_code: str | None) -> Rates:
    """Return the taxes that a shop of `home` charges on a delivery. There are none abroad; the European Union counts
    as one country."""
    if country_code != home.code and not {home.code, country_code} <= _UNION:
        return ()
    country = COUNTRIES[country_code]
    return dict(country.province_rates).get(province_code or "", country.rates)

"""Which time zone a country, or a state of it, keeps.

Countries with several zones are named here when nearly everybody lives in one of them; for the
large federal ones the state decides. Names and codes are those of ISO 3166 and of the IANA data.
"""

# country with more than one zone → where nearly everybody lives
MAIN_ZONE = {
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PS": "Asia/Gaza",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}

# country → {zone: codes of the states in which most people keep it}
STATE_ZONES = {
    "US": {
        "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        "America/Denver": "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        "America/Los_Angeles": "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR VI",
    },
    "BR": {
        "America/Sao_Paulo": "DF ES GO MG PR RJ RS SC SP",
        "America/Bahia": "BA",
        "America/Fortaleza": "CE MA PB PI RN",
        "America/Recife": "PE",
        "America/Maceio": "AL SE",
        "America/Belem": "AP PA",
        "America/Araguaina": "TO",
        "America/Cuiaba": "MT",
        "America/Campo_Grande": "MS",
        "America/Manaus": "AM",
        "America/Porto_Velho": "RO",
        "America/Boa_Vista": "RR",
        "America/Rio_Branco": "AC",
    },
    "CA": {
        "America/Toronto": "ON QC",
        "America/Halifax": "NB NS PE",
        "America/St_Johns": "NL",
        "America/Winnipeg": "MB",
        "America/Regina": "SK",
        "America/Edmonton": "AB NT",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
        "America/Iqaluit": "NU",
    },
    "AU": {
        "Australia/Sydney": "ACT NSW",
        "Australia/Melbourne": "VIC",
        "Australia/Brisbane": "QLD",
        "Australia/Adelaide": "SA",
        "Australia/Darwin": "NT",
        "Australia/Perth": "WA",
        "Australia/Hobart": "TAS",
    },
}


def zone_of(country: str, state: str, zones: list[str]) -> str:
    """The zone kept in this state of this country, which has these `zones`; "" when unsure.

    >>> zone_of("JP", "", ["Asia/Tokyo"]), zone_of("US", "CA", ["America/New_York", "…"])
    ('Asia/Tokyo', 'America/Los_Angeles')
    >>> zone_of("US", "", ["America/New_York", "America/Chicago"])
    ''
    >>> zone_of("DE", "", ["Europe/Berlin", "Europe/Busingen"])
    'Europe/Berlin'
    """
    for name, states in STATE_ZONES.get(country, {}).items():
        if state in states.split():
            return name
    if len(zones) == 1:
        return zones[0]
    return MAIN_ZONE.get(country, "")

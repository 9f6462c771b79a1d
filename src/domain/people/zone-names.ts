/**
 * Time zones as CRMs write them. Pure.
 *
 * Rule: a zone is a place, by its name in the tz database (`America/New_York`). Abbreviations (BST, AST, EST), offsets
 * (UTC, +02:00, Etc/GMT+5) and other texts without a place are not read: BST is both London's and Dhaka's, and nobody
 * lives in UTC. The spellings of known CRMs name places too, and are in one table: names of Rails and Windows, and
 * HubSpot's slugs.
 *
 * @see https://api.rubyonrails.org/classes/ActiveSupport/TimeZone.html Rails' names: Zendesk, Freshworks and Shopify
 * write them
 * @see https://github.com/unicode-org/cldr/blob/main/common/supplemental/windowsZones.xml Windows' names (CLDR 48,
 * territory 001): Dynamics 365, Outlook and Power Automate write them
 * @see https://knowledge.hubspot.com/properties/hubspots-default-contact-properties `hs_timezone`:
 * `america_slash_new_york`
 */
import { clockOf } from "./zone-clock.ts";

/** Longest spelling that is read. The longest known one has 68 characters. */
const spellingCharactersMax = 100;

/** Cities in one spelling: `Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna`. */
const citiesMax = 8;

/** An offset at the start of a label: `(GMT-05:00) `, `(UTC) `, `UTC+1 - `. */
const offsetBefore = /^(?:\((?:GMT|UTC)[^()]*\)|(?:GMT|UTC) ?[+\-\u2212]\d{1,2}(?::?\d\d)?) (?:- )?/iu;

/** Zones with their spellings, in lower case. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  "Africa/Algiers": ["west central africa"],
  "Africa/Cairo": ["cairo", "egypt", "egypt standard time"],
  "Africa/Casablanca": ["casablanca", "morocco standard time"],
  "Africa/Harare": ["harare"],
  "Africa/Johannesburg": ["pretoria", "south africa standard time"],
  "Africa/Juba": ["south sudan standard time"],
  "Africa/Khartoum": ["sudan standard time"],
  "Africa/Lagos": ["w. central africa standard time"],
  "Africa/Monrovia": ["monrovia"],
  "Africa/Nairobi": ["nairobi", "e. africa standard time"],
  "Africa/Sao_Tome": ["sao tome standard time"],
  "Africa/Tripoli": ["libya", "libya standard time"],
  "Africa/Windhoek": ["namibia standard time"],
  "America/Adak": ["aleutian standard time"],
  "America/Anchorage": ["alaskan standard time"],
  "America/Araguaina": ["tocantins standard time"],
  "America/Argentina/Buenos_Aires": ["buenos aires"],
  "America/Asuncion": ["asuncion", "paraguay standard time"],
  "America/Bahia": ["bahia standard time"],
  "America/Bogota": ["bogota", "sa pacific standard time"],
  "America/Buenos_Aires": ["argentina standard time"],
  "America/Cancun": ["eastern standard time (mexico)"],
  "America/Caracas": ["caracas", "venezuela standard time"],
  "America/Cayenne": ["sa eastern standard time"],
  "America/Chicago": ["central time (us & canada)", "central standard time"],
  "America/Chihuahua": ["chihuahua"],
  "America/Cuiaba": ["central brazilian standard time"],
  "America/Denver": ["mountain time (us & canada)", "navajo", "mountain standard time"],
  "America/Godthab": ["greenland", "greenland standard time"],
  "America/Grand_Turk": ["turks and caicos standard time"],
  "America/Guatemala": ["central america", "central america standard time"],
  "America/Guyana": ["georgetown"],
  "America/Halifax": ["atlantic time (canada)", "atlantic standard time"],
  "America/Havana": ["cuba", "cuba standard time"],
  "America/Indiana/Indianapolis": ["indiana (east)"],
  "America/Indianapolis": ["us eastern standard time"],
  "America/Juneau": ["alaska"],
  "America/La_Paz": ["la paz", "sa western standard time"],
  "America/Lima": ["lima", "quito"],
  "America/Los_Angeles": ["pacific time (us & canada)", "us/pacific-new", "pacific standard time"],
  "America/Mazatlan": ["mazatlan", "mountain standard time (mexico)"],
  "America/Mexico_City": ["guadalajara", "mexico city", "central standard time (mexico)"],
  "America/Miquelon": ["saint pierre standard time"],
  "America/Monterrey": ["monterrey"],
  "America/Montevideo": ["montevideo", "montevideo standard time"],
  "America/New_York": ["eastern time (us & canada)", "eastern standard time"],
  "America/Phoenix": ["arizona", "us mountain standard time"],
  "America/Port-au-Prince": ["haiti standard time"],
  "America/Puerto_Rico": ["puerto rico"],
  "America/Punta_Arenas": ["magallanes standard time"],
  "America/Regina": ["saskatchewan", "canada central standard time"],
  "America/Santiago": ["santiago", "pacific sa standard time"],
  "America/Sao_Paulo": ["brasilia", "e. south america standard time"],
  "America/St_Johns": ["newfoundland", "newfoundland standard time"],
  "America/Tijuana": ["tijuana", "pacific standard time (mexico)"],
  "America/Whitehorse": ["yukon standard time"],
  "Asia/Almaty": ["astana", "almaty"],
  "Asia/Amman": ["jordan standard time"],
  "Asia/Baghdad": ["baghdad", "arabic standard time"],
  "Asia/Baku": ["baku", "azerbaijan standard time"],
  "Asia/Bangkok": ["bangkok", "hanoi", "se asia standard time"],
  "Asia/Barnaul": ["altai standard time"],
  "Asia/Beirut": ["middle east standard time"],
  "Asia/Bishkek": ["central asia standard time"],
  "Asia/Calcutta": ["chennai", "kolkata", "mumbai", "new delhi", "india standard time"],
  "Asia/Chita": ["transbaikal standard time"],
  "Asia/Colombo": ["sri jayawardenepura", "sri lanka standard time"],
  "Asia/Damascus": ["syria standard time"],
  "Asia/Dhaka": ["dhaka", "bangladesh standard time"],
  "Asia/Dubai": ["arabian standard time"],
  "Asia/Hebron": ["west bank standard time"],
  "Asia/Hong_Kong": ["hong kong"],
  "Asia/Hovd": ["w. mongolia standard time"],
  "Asia/Irkutsk": ["irkutsk", "north asia east standard time"],
  "Asia/Jakarta": ["jakarta"],
  "Asia/Jerusalem": ["jerusalem", "israel", "israel standard time"],
  "Asia/Kabul": ["kabul", "afghanistan standard time"],
  "Asia/Kamchatka": ["kamchatka", "russia time zone 11"],
  "Asia/Karachi": ["islamabad", "karachi", "pakistan standard time"],
  "Asia/Katmandu": ["kathmandu", "nepal standard time"],
  "Asia/Krasnoyarsk": ["krasnoyarsk", "north asia standard time"],
  "Asia/Kuala_Lumpur": ["kuala lumpur"],
  "Asia/Kuwait": ["kuwait"],
  "Asia/Magadan": ["magadan", "magadan standard time"],
  "Asia/Muscat": ["abu dhabi", "muscat"],
  "Asia/Novosibirsk": ["novosibirsk", "n. central asia standard time"],
  "Asia/Omsk": ["omsk standard time"],
  "Asia/Pyongyang": ["north korea standard time"],
  "Asia/Qyzylorda": ["qyzylorda standard time"],
  "Asia/Rangoon": ["rangoon", "myanmar standard time"],
  "Asia/Riyadh": ["riyadh", "arab standard time"],
  "Asia/Sakhalin": ["sakhalin standard time"],
  "Asia/Seoul": ["seoul", "korea standard time"],
  "Asia/Shanghai": ["beijing", "chongqing", "china standard time"],
  "Asia/Singapore": ["singapore", "singapore standard time"],
  "Asia/Srednekolymsk": ["srednekolymsk", "russia time zone 10"],
  "Asia/Taipei": ["taipei", "taipei standard time"],
  "Asia/Tashkent": ["tashkent", "west asia standard time"],
  "Asia/Tbilisi": ["tbilisi", "georgian standard time"],
  "Asia/Tehran": ["tehran", "iran", "iran standard time"],
  "Asia/Tokyo": ["osaka", "sapporo", "tokyo", "japan", "tokyo standard time"],
  "Asia/Tomsk": ["tomsk standard time"],
  "Asia/Ulaanbaatar": ["ulaanbaatar", "ulaanbaatar standard time"],
  "Asia/Urumqi": ["urumqi"],
  "Asia/Vladivostok": ["vladivostok", "vladivostok standard time"],
  "Asia/Yakutsk": ["yakutsk", "yakutsk standard time"],
  "Asia/Yekaterinburg": ["ekaterinburg", "ekaterinburg standard time"],
  "Asia/Yerevan": ["yerevan", "caucasus standard time"],
  "Atlantic/Azores": ["azores", "azores standard time"],
  "Atlantic/Cape_Verde": ["cape verde is.", "cape verde standard time"],
  "Atlantic/Reykjavik": ["iceland", "greenwich standard time"],
  "Atlantic/South_Georgia": ["mid-atlantic"],
  "Australia/Adelaide": ["adelaide", "cen. australia standard time"],
  "Australia/Brisbane": ["brisbane", "e. australia standard time"],
  "Australia/Darwin": ["darwin", "aus central standard time"],
  "Australia/Eucla": ["aus central w. standard time"],
  "Australia/Hobart": ["hobart", "tasmania standard time"],
  "Australia/Lord_Howe": ["lord howe standard time"],
  "Australia/Melbourne": ["canberra", "melbourne"],
  "Australia/Perth": ["perth", "w. australia standard time"],
  "Australia/Sydney": ["sydney", "aus eastern standard time"],
  "Europe/Amsterdam": ["amsterdam"],
  "Europe/Astrakhan": ["astrakhan standard time"],
  "Europe/Athens": ["athens"],
  "Europe/Belgrade": ["belgrade"],
  "Europe/Berlin": ["berlin", "w. europe standard time"],
  "Europe/Bratislava": ["bratislava"],
  "Europe/Brussels": ["brussels"],
  "Europe/Bucharest": ["bucharest", "gtb standard time"],
  "Europe/Budapest": ["budapest", "central europe standard time"],
  "Europe/Chisinau": ["e. europe standard time"],
  "Europe/Copenhagen": ["copenhagen"],
  "Europe/Dublin": ["dublin", "eire"],
  "Europe/Helsinki": ["helsinki"],
  "Europe/Istanbul": ["istanbul", "turkey", "turkey standard time"],
  "Europe/Kaliningrad": ["kaliningrad", "kaliningrad standard time"],
  "Europe/Kiev": ["kyiv", "kyev", "fle standard time"],
  "Europe/Lisbon": ["lisbon", "portugal"],
  "Europe/Ljubljana": ["ljubljana"],
  "Europe/London": ["edinburgh", "london", "gmt standard time"],
  "Europe/Madrid": ["madrid"],
  "Europe/Minsk": ["minsk", "belarus standard time"],
  "Europe/Moscow": ["moscow", "st. petersburg", "russian standard time"],
  "Europe/Paris": ["paris", "romance standard time"],
  "Europe/Prague": ["prague"],
  "Europe/Riga": ["riga"],
  "Europe/Rome": ["rome"],
  "Europe/Samara": ["samara", "russia time zone 3"],
  "Europe/Sarajevo": ["sarajevo"],
  "Europe/Saratov": ["saratov standard time"],
  "Europe/Skopje": ["skopje"],
  "Europe/Sofia": ["sofia"],
  "Europe/Stockholm": ["stockholm"],
  "Europe/Tallinn": ["tallinn"],
  "Europe/Vienna": ["vienna"],
  "Europe/Vilnius": ["vilnius"],
  "Europe/Volgograd": ["volgograd", "volgograd standard time"],
  "Europe/Warsaw": ["warsaw", "poland", "central european standard time"],
  "Europe/Zagreb": ["zagreb"],
  "Europe/Zurich": ["bern", "zurich"],
  "Indian/Mauritius": ["mauritius standard time"],
  "Pacific/Apia": ["samoa", "samoa standard time"],
  "Pacific/Auckland": ["auckland", "wellington", "new zealand standard time"],
  "Pacific/Bougainville": ["bougainville standard time"],
  "Pacific/Chatham": ["chatham is.", "chatham islands standard time"],
  "Pacific/Easter": ["easter island standard time"],
  "Pacific/Fakaofo": ["tokelau is."],
  "Pacific/Fiji": ["fiji", "fiji standard time"],
  "Pacific/Guadalcanal": ["solomon is.", "central pacific standard time"],
  "Pacific/Guam": ["guam"],
  "Pacific/Honolulu": ["hawaii", "hawaiian standard time"],
  "Pacific/Kiritimati": ["line islands standard time"],
  "Pacific/Kwajalein": ["kwajalein"],
  "Pacific/Majuro": ["marshall is."],
  "Pacific/Marquesas": ["marquesas standard time"],
  "Pacific/Midway": ["midway island"],
  "Pacific/Norfolk": ["norfolk standard time"],
  "Pacific/Noumea": ["new caledonia"],
  "Pacific/Pago_Pago": ["american samoa"],
  "Pacific/Port_Moresby": ["port moresby", "west pacific standard time"],
  "Pacific/Tongatapu": ["nuku'alofa", "tonga standard time"],
};

/** Created at the first look-up. */
let zonesBySpelling: ReadonlyMap<string, string> | null = null;

/**
 * Reads a time zone.
 *
 * @param text A name of the tz database in any case, or a CRM's spelling: `Eastern Time (US & Canada)`, `(UTC+01:00)
 *   Amsterdam, Berlin`, `W. Europe Standard Time`, `america_slash_new_york`, `(GMT-05:00) Eastern Standard Time
 *   (America/New_York)`.
 * @returns Its zone, or all zones that it names; null if it names no place.
 */
export function readZones(text: string): readonly string[] | null {
  if (text.length > spellingCharactersMax) return null;
  const plain = text.replaceAll("&amp;", "&").trim().replace(/\s+/gu, " ");
  if (plain === "") return null;
  return zonesIn(plain.replace(offsetBefore, ""));
}

/** Whether a name is a zone of the tz database that is a place (`Area/City`, in any case). */
export function isPlace(name: string): boolean {
  return (
    /^[a-z_]+(?:\/[a-z0-9_+-]+){1,2}$/iu.test(name) && !/^(?:etc|systemv)\//iu.test(name) && clockOf(name) !== null
  );
}

function zonesIn(text: string): readonly string[] | null {
  const one =
    zoneIn(text) ??
    zoneIn(/\(([^()]+)\)$/u.exec(text)?.[1] ?? "") ??
    zoneIn(text.replace(/ ?\((?:[A-Z]{2,5}|(?:GMT|UTC)[^()]*)\)$/u, ""));
  if (one !== null) return [one];
  const cities = text.split(/ ?, ?/u, citiesMax + 1);
  if (cities.length < 2 || cities.length > citiesMax) return null;
  const zones = cities.map(zoneIn);
  return zones.every((zone) => zone !== null) ? [...new Set(zones)] : null;
}

function zoneIn(text: string): string | null {
  const lower = text.toLowerCase().replaceAll("_slash_", "/").replaceAll("_hyphen_", "-");
  zonesBySpelling ??= new Map(Object.entries(spellings).flatMap(([zone, names]) => names.map((name) => [name, zone])));
  const known = zonesBySpelling.get(lower);
  if (known !== undefined) return known;
  const name = lower
    .replaceAll("%2f", "/")
    .replaceAll(/ ?\/ ?/gu, "/")
    .replaceAll(" ", "_");
  if (!isPlace(name)) return null;
  // The runtime may know a place by an older name, such as Asia/Calcutta. A current name is returned as written.
  const shown = clockOf(name)?.format.resolvedOptions().timeZone ?? name;
  return shown.toLowerCase() === name || !isPlace(text) ? shown : text;
}

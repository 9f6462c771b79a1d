/**
 * Emergency numbers and service short codes behind an area code.
 *
 * In a numbering plan with variable lengths (Germany, Austria, Italy, Finland, Indonesia), an area code followed by
 * 110, 112 or 122 is a valid number and reaches the emergency services of that town.
 *
 * Refused: an area code of the country that is followed by exactly an emergency number of the country. libphonenumber's
 * national format separates the area code. A longer subscriber number that only ends in one passes. A plan without area
 * codes (Luxembourg, islands) has no trunk prefix and no leading zero, and is not checked.
 *
 * The table is the emergency part of libphonenumber's short-number data (google-libphonenumber 3.2.47), which
 * libphonenumber-js does not contain.
 *
 * @see https://github.com/google/libphonenumber/blob/master/resources/ShortNumberMetadata.xml
 */
import type { PhoneNumber } from "libphonenumber-js/max";

/** Countries with the patterns of their emergency numbers. */
const emergencyPatterns: readonly (readonly [string, string])[] = [
  ["FM", "(?:32022|91)1"],
  ["GE", "0(?:11|33)|11[1-3]|[01]22"],
  ["AU", "000|1(?:06|12)"],
  ["CC CX", "000|112"],
  ["ES", "08[58]|112"],
  ["GR", "1(?:00|12|66|99)"],
  ["IL", "1(?:0[0-2]|12)"],
  ["BE", "1(?:0[01]|12)"],
  ["AF", "1(?:0[02]|19)"],
  ["AZ BY KZ TJ UA", "1(?:0[1-3]|12)"],
  ["EC", "1(?:0[12]|12)|911"],
  ["HU", "1(?:0[457]|12)"],
  ["GT", "1(?:10|2[03])"],
  ["BR", "1(?:12|28|9[023])|911"],
  ["AL", "1(?:12|2[7-9])"],
  ["BG", "1(?:12|50|6[06])"],
  ["CZ", String.raw`1(?:12|5\d)`],
  ["CY", "1(?:12|99)"],
  ["GI", "1(?:12|9[09])"],
  ["HR", "1(?:12|9[2-4])|9[34]"],
  ["DZ", "1(?:12|[47])"],
  ["FR MC MQ RE", "1(?:12|[578])"],
  ["CI", "1(?:1[01]|[78]0)"],
  ["CN", "1(?:1[09]|20)"],
  ["ER", "1(?:1[2-46]|24422)|20(?:1(?:606|917)|2914)|(?:1277|2020)99"],
  ["CH LI", "1(?:1[278]|44)"],
  ["CO", "1(?:1[29]|23|32|56)"],
  ["CD", "1(?:1[348]|77|88)"],
  ["CM", "1(?:1[37]|[37])"],
  ["GM", "1(?:1[6-8]|[6-8])"],
  ["CF", "1(?:1[78]|220)"],
  ["EG", "1(?:2[23]|80)"],
  ["GA", String.raw`1(?:3\d\d|730|8)`],
  ["AT", "1(?:[12]2|33|44)"],
  ["EH MA", "1(?:[59]|77)"],
  ["AW", "100|911"],
  ["BD", "10[0-2]|[19]99"],
  ["AR", "10[017]|911"],
  ["AM KG", "10[1-3]"],
  ["CU", "10[4-6]"],
  ["AX FI GL IS KW MT RO ST VU", "112"],
  ["BQ CA CR CW DO NL US", "112|911"],
  ["GB GG IE JE MY", "112|999"],
  ["HK", "112|99[29]"],
  ["AE PL", "112|99[7-9]"],
  ["ID", "11[02389]"],
  ["BT NO SJ SY", "11[023]"],
  ["AD", "11[0268]"],
  ["DE EE", "11[02]"],
  ["BO", "11[089]"],
  ["AO", "11[235]"],
  ["BI", "11[237]"],
  ["BJ", "11[246-8]"],
  ["DK FO", "11[24]"],
  ["GW", "11[378]"],
  ["HT", "11[48]"],
  ["CG", "11[78]"],
  ["BA", "12[2-4]"],
  ["CV", "13[0-2]"],
  ["CL", "13[1-3]|911"],
  ["BL", "18"],
  ["HN MM NG", "199"],
  ["GH", "19[1-3]|999"],
  ["GF GP MF ML PF PM WF", "1[578]"],
  ["BF DJ KM MR SN TD", "1[78]"],
  ["DM KN", "333|9(?:11|99)"],
  ["BZ", "9(?:0|11|90)"],
  ["ET", "9(?:11?|2|39?|9[17])"],
  ["AC AG LC MS SH TC VC VG", "9(?:11|99)"],
  ["BW", "9(?:11|9[7-9])"],
  ["AI AS BM GD GU KY MH MP PA PR PW TV VI", "911"],
  ["GY", "91[1-3]"],
  ["FJ", "91[17]"],
  ["BS", "91[19]"],
  ["FK IM MO NU QA SB SC SD SS SZ UG", "999"],
  ["BN", "99[135]"],
  ["CK", "99[689]"],
  ["BH", "[19]99"],
  ["BB", "[2359]11"],
  ["SL", "(?:01|99)9"],
  ["UZ", "0(?:0[1-3]|[1-3]|50)"],
  ["LT", "0(?:11?|22?|33?)|1(?:0[1-3]|12)"],
  ["MX", "0(?:6[0568]|80)|911"],
  ["PG", "000|11[01]"],
  ["TM", "0[1-3]"],
  ["LV", "0[1-3]|11[023]"],
  ["ZA", "1(?:01(?:11|77)|12)"],
  ["MV", "1(?:02|1[89])"],
  ["PE", "1(?:05|1[67])"],
  ["IN", "1(?:0[0-28]|12|298)|2611"],
  ["NP", "1(?:0[0-3]|12)"],
  ["IQ", "1(?:0[04]|15|22)"],
  ["PK", "1(?:1(?:22?|5)|[56])"],
  ["ME", "1(?:12|2[2-4])"],
  ["LB", "1(?:12|40|75)|999"],
  ["YT", "1(?:12|5)"],
  ["SK", "1(?:12|5[058])"],
  ["VE", "1(?:12|71)|911"],
  ["JO", "1(?:12|9[127])|911"],
  ["MK XK", "1(?:12|9[2-4])"],
  ["NE", "1(?:18|[578])|723141"],
  ["IR", "1(?:1[025]|25)|911"],
  ["TR", "1(?:1[02]|55)"],
  ["NI", "1(?:1[58]|2[08])"],
  ["TG", "1(?:1[78]|7[127])"],
  ["MG", "1(?:1[78]|[78])"],
  ["MZ", "1(?:1[79]|9[78])"],
  ["TH", "1(?:669|9[19])"],
  ["NA", "10111"],
  ["PS", "10[0-2]"],
  ["MN", "10[0-35]"],
  ["NZ", "111"],
  ["RU", "112|(?:0|10)[1-3]"],
  ["SA", "112|9(?:11|9[79])"],
  ["SE", "112|90000"],
  ["MD", "112|90[1-3]"],
  ["ZM", "112|99[139]"],
  ["ZW", "112|99[3-59]"],
  ["RS", "112|9[2-4]"],
  ["SR", "115"],
  ["TZ", "11[0-245]|999"],
  ["NR", "11[0-2]"],
  ["LK", "11[02689]"],
  ["TW", "11[029]"],
  ["JM", "11[029]|911"],
  ["JP", "11[09]"],
  ["RW", "11[12]"],
  ["IT VA", "11[2358]"],
  ["LU SI", "11[23]"],
  ["KE", "11[24]|999"],
  ["LS", "11[257]"],
  ["PT TL", "11[25]"],
  ["PH", "11[27]|911"],
  ["KR", "11[29]"],
  ["KP", "11[29]|819"],
  ["VN", "11[3-5]"],
  ["SM", "11[358]"],
  ["MU", "11[45]|99[59]"],
  ["KH", "11[7-9]|666"],
  ["PY UY", "128|911"],
  ["OM", "1444|9999"],
  ["MW", "199|99[7-9]"],
  ["LY", "19[013]"],
  ["LA", "19[015]"],
  ["TN", "19[078]"],
  ["YE", "19[1459]"],
  ["KI", "19[2-5]|99[2-4]"],
  ["NC", "1[5-8]"],
  ["LR", "355|911"],
  ["SO", "555|888|999"],
  ["TO", "9(?:11|22|33|99)"],
  ["NF", "9(?:11|55|77)"],
  ["WS", "9(?:11|9[4-69])"],
  ["SX", "919"],
  ["SV", "91[13]"],
  ["TT", "99[09]"],
  ["SG", "99[359]"],
];

/**
 * Short codes of services (directories, authorities, helplines, carriers, banks) in plans with variable lengths. No
 * subscriber has such a number: subscribers' numbers begin with another digit or are longer.
 *
 * - DE: 115, 116xyz and 118xy, and 19222, the ambulance control centre of many towns. Longer numbers with such a
 *   beginning pass.
 * - AT: 1xx, 14xx, 118xxx.
 * - CN: three to six digits that begin with 1, 95 or 96.
 * - IT, KR: three to five digits that begin with 1, and Italy's 116xyz.
 *
 * @see https://www.bundesnetzagentur.de/DE/Fachthemen/Telekommunikation/Nummerierung/start.html
 * @see https://github.com/google/libphonenumber/blob/master/resources/ShortNumberMetadata.xml
 */
const serviceCodes: ReadonlyMap<string, RegExp> = new Map([
  ["AT", /^1(?:\d\d|4\d\d|18\d{2,3})$/],
  ["CN", /^(?:1|9[56])\d{2,4}$/],
  ["DE", /^(?:11(?:5|6\d{3}|8\d{2,3})|19222)$/],
  ["IT", /^(?:1\d{2,4}|116\d{3})$/],
  ["KR", /^1\d{2,4}$/],
]);

/**
 * @param number May be invalid.
 * @returns Whether the number is an area code of its country followed by exactly an emergency number or the short code
 *   of a service.
 */
export function isShortCodeOfTown(number: PhoneNumber): boolean {
  const { country, nationalNumber } = number;
  // Fast path for most numbers: an area code has at most five digits, and a short code behind it only a few more.
  if (country === undefined || nationalNumber.length > townDigitsMax) return false;
  const [area = "", ...rest] = number.formatNational().match(/\d+/g) ?? [];
  const written = area + rest.join("");
  const hasAreaCode = nationalNumber.startsWith("0") || written !== nationalNumber;
  if (!hasAreaCode) return false;
  return isEmergency(country, rest.join("")) || isService(number, country, rest.join(""));
}

/** Behind the prefix of a network or a company (+43 5 1700), a short code is a subscriber's number. */
function isService(number: PhoneNumber, country: string, digits: string): boolean {
  return serviceCodes.get(country)?.test(digits) === true && number.getType() === "FIXED_LINE";
}

/** Digits of the longest area code, and of the longest short code behind one. */
const townDigitsMax = 11;

function isEmergency(country: string, digits: string): boolean {
  const pattern = emergencyPatterns.find(([countries]) => countries.split(" ").includes(country))?.[1];
  return pattern !== undefined && new RegExp(`^(?:${pattern})$`).test(digits);
}

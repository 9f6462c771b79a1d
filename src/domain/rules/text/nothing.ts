/**
 * Values that stand for "no value": texts that senders write instead of leaving a field empty. Pure.
 *
 * Rule: a value counts as missing if *all* of it is
 * - a placeholder that the sender did not fill: `{{ticket.requester.first_name}}`, `*|FNAME|*`, `{!Contact.FirstName}`;
 * - a program's word for no value: `undefined`, `null`, `NaN`, `[object Object]`, also repeated, as in "undefined
 *   undefined";
 * - a person's word for it, in the languages of the table below: "N/A", "none", "k. A.", "なし";
 * - only dashes, dots, question marks and the like, empty brackets or quotes, or invisible characters;
 * - outside `about`, a word for "unknown". An `about` informs the agent, who may be told that something is unknown.
 *
 * A word that is also a surname (Geen, Brak) is a name where people/surname.ts says so.
 *
 * A part of a value never counts: "Null Island", "N/A-1", "Ada {{quoted}}" and "nothing works" are kept. So are "Nan"
 * and "Nil", which are first names; programs write `NaN`, `nan` and `nil`.
 */
import { isSurname } from "../../people/surname.ts";
import { decodeEntities } from "./html.ts";
import type { TextUse } from "./program.ts";

/** Longest such value. */
const nothingCharactersMax = 256;

/** Words of programs, in any case: JavaScript, SQL, Python, Go, spreadsheets, analytics. */
const programWords: ReadonlySet<string> = new Set([
  "undefined",
  "null",
  "none",
  "n/a",
  "object object",
  "object undefined",
  "object null",
  "#n/a",
  "#ref!",
  "#value!",
  "#name?",
  "#null!",
  "#div/0!",
  "#error!",
  "#num!",
  "#spill!",
  "#calc!",
  "<na>",
  "invalid date",
  "0000-00-00",
  "0000-00-00 00:00:00",
]);

/** Words of programs that are people's names in another case: NAN is Nan in a CRM that capitalizes names. */
const programWordsExact: ReadonlySet<string> = new Set(["NaN", "nan", "nil"]);

/** Initials and states ("N. D.", "K.A.", "N.C."). Only N.A. is common for "no value". */
const initials = /^(?!N\. ?A\.?$)\p{Lu}\. ?\p{Lu}\.?$/u;

/**
 * People's words in lower case, by language: for no value, and for an unknown one. White space beside dots and slashes
 * is removed.
 */
const words: Readonly<Record<string, { readonly nothing: readonly string[]; readonly unknown: readonly string[] }>> = {
  ar: { nothing: ["لا يوجد", "لا شيء", "غير متوفر"], unknown: ["غير معروف", "مجهول"] },
  cs: { nothing: ["žádný", "žádná", "žádné", "není k dispozici", "neuvedeno"], unknown: ["neznámý", "neznámé"] },
  da: { nothing: ["ingen", "ikke angivet", "ikke oplyst"], unknown: ["ukendt"] },
  de: {
    nothing: [
      "keine",
      "keiner",
      "k.a.",
      "keine angabe",
      "ohne angabe",
      "nicht zutreffend",
      "k.a",
      "nicht angegeben",
      "nicht vorhanden",
      "entfällt",
      "n.v.",
    ],
    unknown: ["unbekannt"],
  },
  el: { nothing: ["κανένα", "κανένας", "δ/υ"], unknown: ["άγνωστο", "άγνωστος"] },
  en: {
    nothing: [
      "n.a.",
      "not applicable",
      "not available",
      "not provided",
      "not specified",
      "not set",
      "not given",
      "no value",
      "no data",
      "no name",
      "not_provided",
      "not_available",
      "not_applicable",
      "tbd",
      "tba",
      "(empty)",
      "(blank)",
    ],
    unknown: ["unknown"],
  },
  es: {
    nothing: ["ninguno", "ninguna", "n/d", "no aplica", "no disponible", "no especificado", "sin datos", "sin nombre"],
    unknown: ["desconocido", "desconocida"],
  },
  fi: { nothing: ["ei ole", "ei tiedossa", "ei mitään"], unknown: ["tuntematon"] },
  fr: {
    nothing: [
      "aucun",
      "aucune",
      "néant",
      "s.o.",
      "s/o",
      "n.c.",
      "n/c",
      "n/d",
      "non applicable",
      "non renseigné",
      "non précisé",
      "non disponible",
    ],
    unknown: ["inconnu", "inconnue"],
  },
  he: { nothing: ["אין", "ללא", "לא זמין"], unknown: ["לא ידוע"] },
  hi: { nothing: ["कोई नहीं", "कुछ नहीं", "लागू नहीं", "उपलब्ध नहीं"], unknown: ["अज्ञात"] },
  hu: { nothing: ["nincs", "nincs megadva"], unknown: ["ismeretlen"] },
  id: { nothing: ["tidak ada", "tidak tersedia"], unknown: ["tidak diketahui"] },
  it: {
    nothing: ["nessuno", "nessuna", "n.d.", "n/d", "non disponibile", "non applicabile", "non specificato"],
    unknown: ["sconosciuto", "sconosciuta"],
  },
  ja: { nothing: ["なし", "無し", "該当なし", "特になし", "未設定", "未入力", "未記入"], unknown: ["不明"] },
  ko: { nothing: ["없음", "해당 없음", "해당없음", "해당사항 없음", "미입력"], unknown: ["알 수 없음"] },
  nl: {
    nothing: ["geen", "n.v.t.", "nvt", "niet van toepassing", "niet beschikbaar", "niet opgegeven"],
    unknown: ["onbekend"],
  },
  no: { nothing: ["ikke oppgitt", "ikke tilgjengelig"], unknown: ["ukjent"] },
  pl: { nothing: ["brak", "brak danych", "nie dotyczy", "nie podano"], unknown: ["nieznany", "nieznane"] },
  pt: {
    nothing: ["nenhum", "nenhuma", "não informado", "não se aplica", "não aplicável", "não disponível"],
    unknown: ["desconhecido", "desconhecida"],
  },
  ro: { nothing: ["niciunul", "niciuna", "nespecificat"], unknown: ["necunoscut"] },
  ru: {
    nothing: ["нет данных", "не указано", "не указан", "н/д", "отсутствует"],
    unknown: ["неизвестно", "неизвестный"],
  },
  sv: {
    nothing: ["ej angivet", "saknas", "ej tillgänglig", "inte tillgänglig", "ej aktuellt"],
    unknown: ["okänd", "okänt"],
  },
  th: { nothing: ["ไม่มี", "ไม่ระบุ"], unknown: ["ไม่ทราบ"] },
  tr: { nothing: ["yok", "belirtilmemiş", "mevcut değil"], unknown: ["bilinmiyor"] },
  uk: { nothing: ["немає", "немає даних", "не вказано"], unknown: ["невідомо"] },
  vi: { nothing: ["không có", "không áp dụng"], unknown: ["không rõ", "không biết"] },
  zh: {
    nothing: ["无", "無", "暂无", "暫無", "沒有", "暂无数据", "无数据", "没有", "未填写", "不适用"],
    unknown: ["未知", "不详"],
  },
};

const nothingWords: ReadonlySet<string> = new Set(Object.values(words).flatMap(({ nothing }) => nothing));
const unknownWords: ReadonlySet<string> = new Set(Object.values(words).flatMap(({ unknown }) => unknown));

/** Names of person fields in templates. */
const fieldName =
  " ?(?:(?:your|customer|client|contact|recipient|user|lead|guest|first|last|full|given|family)[ _-]?)?" +
  "(?:name|fname|lname|surname)(?: ?here)? ?";

/** Unfilled template fields, by their delimiters. */
const placeholders = new RegExp(
  [
    // Liquid, Handlebars, Jinja, HubSpot, Zendesk, n8n, Make.
    /\{{2,3}[^{}]*\}{2,3}/,
    /\{%[^{}]*%\}/,
    // JavaScript, Ruby, Velocity, Power Automate.
    /[$#@%]!?\{[^{}]*\}/,
    // Salesforce `{!Contact.FirstName}` and `{!$User.FirstName}`, Smarty `{$name}`, and `{first_name}`.
    /\{!?\$?[A-Za-z_][\w.]*\}/,
    // Python.
    /%\([A-Za-z_]\w*\)s/,
    // Mailchimp.
    /\*\|[\w:. -]+\|\*/,
    /\[\[[^[\]]+\]\]/,
    /\[[A-Za-z]+(?:[._][A-Za-z]+)+\]/,
    // ERB, JSP, PHP, Template Toolkit.
    /<%[^<>%]*%>/,
    /<\?[^<>?]*\?>/,
    /\[%[^[\]%]*%\]/,
    /<<[\w .-]+>>/,
    // Account Engagement `%%first_name%%`, ActiveCampaign `%FIRSTNAME%`.
    /%%[\w.: -]+%%/,
    /%[A-Za-z_][\w.-]*%/,
    // Keap.
    /~[A-Za-z]\w*\.\w+~/,
    /\$[A-Za-z_]\w*[._]\w+/,
    // The name of a field in other brackets: `[First Name]`, `<name>`, `{ customer name }`, `__FIRST_NAME__`,
    // `|FNAME|`.
    new RegExp(
      String.raw`\[${fieldName}\]|<${fieldName}>|«${fieldName}»|\{${fieldName}\}|__${fieldName}__|\|${fieldName}\|`,
      "i",
    ),
  ]
    .map(({ source }) => source)
    .join("|"),
  "gi",
);

/** White space, and invisible characters. */
const unseen = /[\s\p{Cf}\u115f\u1160\u3164\uffa0]/gu;
const emptyBrackets = /^(?:\[\s*\]|\{\s*\}|""|''|``|\[\s*(?:""|'')\s*\])$/u;
const noSigns = /^[-‐‑‒–—―−⸺_.·•…/\\*?？¿|~ー。、\s]+$/u;
const betweenSigns = /^[-–—_.,;:|/&+()'"\s]*$/u;
const wrapped = /^(?:\((.*)\)|\[(.*)\]|<(.*)>|"(.*)"|'(.*)'|“(.*)”|«(.*)»)$/su;

/**
 * Work of {@link standsForNothing} for a text: eight times its length, because the text is compared with words and
 * several patterns. A text over `nothingCharactersMax` is not compared and costs nothing.
 */
export function nothingCost(text: string): number {
  return text.length > nothingCharactersMax ? 0 : text.length * 8;
}

/**
 * Whether all of a value stands for "no value". Blank values are handled by the caller.
 *
 * @param text The value, possibly with HTML entities.
 * @param use Use of the text that reads it.
 * @param path Path of its field, which may be a person's name; null if it is unknown.
 */
export function standsForNothing(text: string, use: TextUse, path: string | null = null): boolean {
  if (text.length > nothingCharactersMax) return false;
  const value = decodeEntities(text).trim();
  // `&nbsp;` and invisible marks are not blank, but say nothing.
  if (value.replaceAll(unseen, "") === "") return text.trim() !== "";
  if (isSurname(value, path)) return false;
  if (noSigns.test(value) || emptyBrackets.test(value)) return true;
  if (/[{[<%*~$_|«]/.test(value) && betweenSigns.test(value.replaceAll(placeholders, ""))) return true;
  return isWord(value, use) || isProgramWords(value);
}

function isWord(value: string, use: TextUse): boolean {
  let inner = value;
  for (let layer = 0; layer < 3; layer += 1) {
    if (initials.test(inner)) return false;
    const plain = plainOf(inner);
    if (programWordsExact.has(inner)) return true;
    for (const word of [plain, plain.replace(/[.!]$/u, "")]) {
      if (programWords.has(word) || nothingWords.has(word)) return true;
      if (use !== "about" && unknownWords.has(word)) return true;
    }
    const within = wrapped
      .exec(inner)
      ?.slice(1)
      .find((part) => part !== undefined);
    if (within === undefined) return false;
    inner = within.trim();
  }
  return false;
}

/** "undefined undefined", "null, null": joined parts of a name or an address. */
function isProgramWords(value: string): boolean {
  const parts = value.replaceAll(/\[object (?:Object|Undefined|Null)\]|\((?:null|none)\)/gi, "null").split(/[\s,;|]+/u);
  const isNone = (part: string) =>
    programWords.has(part.toLowerCase()) || programWordsExact.has(part) || noSigns.test(part) || part === "";
  return parts.length > 1 && parts.every(isNone);
}

/**
 * Normalizes to lower case, with single spaces, and none beside dots and slashes: "N / A" becomes "n/a". Empty if NFKC
 * makes the text too long.
 */
function plainOf(value: string): string {
  const compatible = value.normalize("NFKC");
  // NFKC can turn one character into eighteen.
  if (compatible.length > nothingCharactersMax) return "";
  return compatible
    .toLowerCase()
    .replaceAll(/\s+/gu, " ")
    .replaceAll("\\", "/")
    .replaceAll(/ ?([./]) ?/gu, "$1");
}

/**
 * The parts of a secret that are guessed faster than by trying characters. Pure.
 *
 * Rule: guessable parts are removed, and at least {@link unguessedMin} characters must remain. Removed are
 * - words of examples and of senders, also joined together or with digits for letters,
 * - the names of the preset and of the source,
 * - a character repeated three or more times, and four or more neighbours in the alphabet, in the digits or on a
 *   keyboard,
 * - prefixes that senders write before their secrets, marks between words, and repetitions of a word.
 *
 * Half as many characters are enough in two cases: a whole word remains that is in no list, so the author chose it; or
 * only words of fewer than {@link wordsMin} letters and no prefix were found, because random texts contain those too. A
 * text without any guessable part passes.
 *
 * The text that a secret encodes is judged as well. Digests of common passwords, dates, phone numbers and addresses
 * count as guessed (disguised-text.ts).
 *
 * The test makes 20,000 random secrets of each form from one seed, and none is rejected. Of 40,000 others, none (hex,
 * UUIDs, 24 characters of base64) to 2 (16 printable characters) were. Twelve hex digits behind a prefix are rejected
 * once in some 500.
 */
import { decodedText, isLookedUp } from "./disguised-text.ts";

/** Characters that must remain. Twelve random decimal digits have 40 bits, twelve characters of base64 have 72. */
export const unguessedMin = 12;
const unguessedFewMin = 6;

/** Length of a run or row. Shorter ones are too frequent in random texts. */
const runMin = 3;
const rowMin = 4;

/** A word of this length is removed anywhere in the text. */
const wordMin = 4;

/** Letters of a word that no random text contains: with digits for letters, and in total. */
const wordsMin = 6;

/** Length of runs and rows that count beside words. A shorter one must not cut a random remainder. */
const longRuns: Runs = { run: 4, row: 5, left: 2 };
const allRuns: Runs = { run: runMin, row: rowMin, left: 1 };
/** `run`, `row`: minimum length of each. `left`: characters that it counts for. */
type Runs = { readonly run: number; readonly row: number; readonly left: number };

/** Prefixes that identify the sender of a secret. */
const prefixes =
  /^(?:whsec|sk|pk|rk|shpss|shpat|shpca|ghp|gho|glpat|xox[abp]|xapp|lin_wh|pdl_ntfset|secret|key|token)[_-](?:live_|test_|prod_)?|^(?:sha(?:1|256|512)|md5|hmac)[=:]/i;

/** Words that documentation, forms and defaults contain in place of a secret. */
const examples: ReadonlySet<string> = new Set(
  `a abc access account admin administrator an and any api apikey app application at auth authorization basic be bearer by bot
  cafebabe callback change changed changeit changeme client code company config crm customer deadbeef default demo dev development
  dolor dummy edit empty endpoint enter env event events everybody example examples fake false fill fixme foo foobar bar baz for from
  generate generated get give hash header hello here hex hidden hmac hook hookline hooks http https i id in insert integration
  ipsum is it iloveyou jwt key keys later letmein live local localhost login long lorem machine master me mine minimum must my
  mysecret name new none not null object on or openssl our pass passphrase passw0rd passwd password paste please post
  placeholder prod production provide put qwerty rand random real redacted replace replaced replaceme root s sample secret secrets
  secure security sender server service set shared sign signature signed signing signin site some something source staging strong
  contraseña contrasena clave secreto wachtwoord geheim passwort kennwort geheimnis motdepasse senha segredo parola hasło haslo salasana
  lösenord losenord adgangskode şifre sifre пароль секрет 密码 密碼 パスワード 비밀번호 winter summer spring autumn sommer herbst
  string stuff super supersecret temp temporary test tested tester testing tests text that the then thing this to tba tbd todo token
  tokens top topsecret true undefined unknown unsafe update use user username value values verification verify very web webhook
  webhooks welcome what with word world write xxx you your yours own
  activecampaign airtable asana attio bigcommerce calendly github gohighlevel gorgias freshdesk hubspot intercom make n8n pipedrive
  salesforce shopify slack standard stripe svix twilio typeform vendor woocommerce zapier zendesk zoho`.split(/\s+/),
);

/** Rows of neighbouring keys, on keyboards of three countries. The alphabets of all scripts are rows too. */
const keyRows = [
  "qwertyuiop",
  "qwertzuiop",
  "azertyuiop",
  "asdfghjkl",
  "qsdfghjklm",
  "zxcvbnm",
  "yxcvbnm",
  "wxcvbn",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "qazwsxedcrfvtgbyhnujmikolp",
];

/** Digit keys, by the mark above each. They count only before a letter, as the start of a column of keys. */
const shifted = ")!@#$%^&*(";

/** Digits and marks that stand for letters. */
const standIns: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** Syntax of templates, shells, programs and secret stores that stands for a value. Random texts do not contain it. */
const unfilled: readonly RegExp[] = [
  /\{\{[^{}]*[a-z]{2}[^{}]*\}\}/i,
  /[$#]\{\s*[a-z_]\w{2,}[\w\s.:?'"-]*\}/i,
  /\$\(\s*[a-z]{2,}(?:\s[^()]*)?\)/i,
  /<%.*%>/s,
  /^%[a-z_][a-z\d_]*%$/i,
  /^%\([a-z_]+\)s$/i,
  /^\$(?:env:)?[a-z]+(?:_[a-z\d]+)*$/i,
  /^(?=[<[({][a-z]{2}[a-z\d _.:-]*.$)(?:<.*>|\[.*\]|\(.*\)|\{.*\})$/i,
  /^`?openssl\s+rand\b/i,
  /\b(?:process\.env|import\.meta\.env|deno\.env|os\.environ|os\.getenv|getenv|env)\s*[.[(]/i,
  /^(?:op|vault|ssm|awssm|aws-sm|gcp-sm|sm|doppler|akv|azurekeyvault|infisical|keychain|secret|secrets|env|file|ref\+[a-z]+):\/{0,2}[a-z]/i,
  /^arn:aws:/i,
  /^projects\/[^/]+\/secrets\//i,
  /^@Microsoft\.KeyVault\(/i,
  /^!(?:secret|env|vault|ref|sub)(?:\s|$)/i,
  /^[A-Z]{2,}(?:_[A-Z\d]{2,})*_(?:SECRET|KEY|TOKEN|PASSWORD|PASS|HMAC)(?:_\d+)?$/,
];

/** Characters of a secret that are judged. The rest adds length only, and the limit bounds the work. */
const judgedMax = 512;

/** @returns Whether a text is a placeholder for a secret, or a reference to one: a variable, a template, a command. */
export function isUnfilled(text: string): boolean {
  const judged = text.slice(0, judgedMax);
  return unfilled.some((syntax) => syntax.test(judged));
}

/** @param names Names of the preset and the source: words between hyphens. */
export function isGuessed(text: string, names: readonly string[]): boolean {
  const judged = text.slice(0, judgedMax);
  const bare = judged.replace(prefixes, "");
  const decoded = decodedText(bare);
  return isLookedUp(bare) || isMadeOfGuesses(judged, names) || (decoded !== null && isMadeOfGuesses(decoded, names));
}

function isMadeOfGuesses(judged: string, names: readonly string[]): boolean {
  const parts = names.flatMap((name) => [name.replaceAll("-", ""), ...name.split("-")]);
  const own = new Set(parts.map((part) => part.toLowerCase()).filter((part) => part !== ""));
  const isKnown = (token: string): boolean => examples.has(token) || own.has(token);
  const rest = judged.replace(prefixes, "");
  const tokens = tokensOf(rest.toLowerCase());
  const kept = [...new Set(tokens.filter((token) => !isKnown(token)))];
  const characters = [...kept.join("")];
  const parted = kept.map((token) => remaining([...token], own));
  const [left, ofTokens, asRows] = [
    sumOf(parted),
    sumOf(kept.map((token) => remaining([...token], null))),
    Math.min(
      remaining(characters, null, kept.length > 1 ? longRuns : allRuns),
      interleaved(characters),
      remaining([...unshifted(rest)], null),
    ),
  ];
  // Random texts also contain short words and marks.
  const known = sumOf(tokens.map((token) => (token.length >= wordMin && isKnown(token) ? token.length : 0)));
  const least = Math.min(left, asRows);
  if (rest === judged && known + ofTokens - left < wordsMin)
    return least < characters.length && least < unguessedFewMin;
  const hasOwnWord = kept.some((token, nth) => isLetters.test(token) && (parted[nth] ?? 0) >= wordMin);
  const beside = Math.min(
    sumOf(kept.map((token) => remaining([...token], own, longRuns))),
    remaining(characters, null, longRuns),
  );
  return least < unguessedFewMin || beside < (hasOwnWord ? unguessedFewMin : unguessedMin);
}

/** @returns The words of a text. Four or more single letters in a row are one word: `s-e-c-r-e-t`. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let alone = 0;
  for (const token of [...text.split(marks), ".."]) {
    if (token === "") continue;
    const isAlone = [...token].length === 1;
    if (!isAlone && alone >= wordMin) tokens.push(tokens.splice(-alone).join(""));
    alone = isAlone ? alone + 1 : 0;
    tokens.push(token);
  }
  return tokens.slice(0, -1);
}

/** @returns A text in lower case, with digits in place of the marks above them. */
function unshifted(text: string): string {
  return text.toLowerCase().replace(/[)!@#$%^&*(](?=[a-z])/g, (mark) => String(shifted.indexOf(mark)));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

const isLetters = /^\p{L}+$/u;

/** Marks between words. They add nothing once the words are guessed. */
const marks = /[\s\-_.,:;/\\'"<>()[\]{}?!]+/u;

function withLetters(text: Iterable<string>): string[] {
  return [...text].map((one) => standIns[one] ?? one);
}

/**
 * @returns The fewest characters that remain of a word, over all ways to remove words, runs and rows.
 *
 * A short word is removed only between the word's ends and other words: `my` of `mysecret`, but not `me` of `acme`. The
 * work is the length times the number of words. `least`: cost up to a position. `known`: cost behind a word, a row or
 * the beginning. `pending`: cost behind a short word.
 */
function remaining(characters: readonly string[], names: ReadonlySet<string> | null, lengths: Runs = allRuns): number {
  const texts = [...new Set([characters.join(""), withLetters(characters).join("")])];
  // Words are compared inside strings. Positions agree only if each character is one UTF-16 unit.
  const hasWords = names !== null && texts.every(({ length }) => length === characters.length);
  const places = (first: number): number[] => [first, ...characters.map(() => Number.POSITIVE_INFINITY)];
  const [least, known, pending] = [places(0), places(0), places(Number.POSITIVE_INFINITY)];
  const at = (costs: number[], place: number): number => costs[place] ?? Number.POSITIVE_INFINITY;
  const reach = (costs: number[], place: number, cost: number): void => {
    costs[place] = Math.min(at(costs, place), cost);
  };
  for (let place = 0; place < characters.length; place++) {
    reach(least, place, at(known, place));
    reach(least, place + 1, at(least, place) + 1);
    const ofWords = Math.min(at(known, place), at(pending, place));
    const any = Math.min(at(least, place), ofWords);
    const row = rowAt(characters, place, lengths);
    if (row > 1) reach(known, place + row, any + lengths.left);
    for (const word of hasWords ? wordsAt(texts, place, names) : [])
      if (word.length >= wordMin) reach(known, place + word.length, any);
      else reach(pending, place + word.length, ofWords);
  }
  return Math.min(...[least, known, pending].map((costs) => at(costs, characters.length)));
}

/** Example words by their first letter, because at most positions none begins. */
const byLetter = Map.groupBy(
  [...examples].filter(({ length }) => length > 1),
  ([letter]) => letter,
);

function wordsAt(texts: readonly string[], place: number, names: ReadonlySet<string>): string[] {
  return texts.flatMap((text, nth) =>
    [...(byLetter.get(text[place]) ?? []), ...names].filter(
      (word) => word.length >= (nth === 0 ? 2 : wordsMin) && text.startsWith(word, place),
    ),
  );
}

/** Two interleaved rows, such as `1q2w3e4r` or `aabbccdd`. */
function interleaved(characters: readonly string[]): number {
  return [0, 1]
    .map((part) => characters.filter((_, at) => at % 2 === part))
    .reduce((sum, half) => sum + remaining(half, null), 0);
}

/** @returns Length of the run or row that begins here; 1 if none begins here. */
function rowAt(characters: readonly string[], from: number, lengths: Runs): number {
  let to = from;
  let steps = stepsBetween(characters[from], characters[from + 1]);
  const isRun = steps.includes("same");
  while (steps.length > 0) {
    to++;
    const next = stepsBetween(characters[to], characters[to + 1]);
    steps = steps.filter((step) => next.includes(step));
  }
  const length = to - from + 1;
  return length >= (isRun ? lengths.run : lengths.row) ? length : 1;
}

/**
 * @returns The step between two characters: equal, or the next or previous one in an alphabet, in the digits or on a
 *   keyboard.
 */
function stepsBetween(one: string | undefined, other: string | undefined): string[] {
  if (one === undefined || other === undefined) return [];
  if (one === other) return ["same"];
  if (!isWritten.test(one) || !isWritten.test(other)) return [];
  const apart = (other.codePointAt(0) ?? 0) - (one.codePointAt(0) ?? 0);
  const steps = keyRows.filter((keys) => keys.includes(one + other));
  steps.push(...keyRows.filter((keys) => keys.includes(other + one)).map((keys) => `${keys} back`));
  if (Math.abs(apart) === 1) steps.push(`${apart}`);
  if (isDigit.test(one) && isDigit.test(other) && Math.abs(apart) === 9) steps.push(`${-Math.sign(apart)}`);
  return steps;
}

const isWritten = /^[\p{L}\p{N}]$/u;
const isDigit = /^\d$/;

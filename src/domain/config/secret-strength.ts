/**
 * How hard a secret is to guess. Pure.
 *
 * A secret that a request carries as it is can be tried at the door by anybody, and the key of a keyed hash can be tried at home by whoever
 * has one signed request (an HMAC needs a key of at least 112 bits). So one that its user chooses is refused if it is weak. One that its
 * sender makes cannot be chosen: it is taken, with a warning.
 *
 * @see https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf section 10
 * @see https://datatracker.ietf.org/doc/html/rfc2104#section-3
 */
import { secretText } from "./secret-text.ts";

/** Characters of a secret that its user chooses, as code points without white space around them. 16 random hex digits have 64 bits. */
const secretCharactersMin = 16;

/** Different characters in it. A random text of 16 decimal digits has fewer once in two million. */
const differentCharactersMin = 4;

/** The source of a secret and its use, by its source's preset and settings. */
export type SecretOrigin = {
  /** `carried`: requests hold the secret itself. `key`: they are signed with it. */
  readonly use: "carried" | "key";
  readonly madeBy: "you" | "sender";
  /** The secret may be `user:password`, of which the user is no secret. */
  readonly isPair: boolean;
  /** The setting that says that the sender made it; `null`: its preset knows. */
  readonly setting: string | null;
  /** The preset's name, which is the first thing to be tried. */
  readonly preset: string;
};

/** A weak secret. `refused`: its user can choose another, so it is not taken anew. */
export type WeakSecret = { readonly refused: boolean; readonly reason: string };

/**
 * @param value the secret, of which no answer holds a part
 * @param origin `null`: a public key, which is no secret
 * @returns `null`: nothing is to be said against it, or it is empty, which is another mistake
 */
export function weakSecret(value: string, origin: SecretOrigin | null): WeakSecret | null {
  const text = secretText(value);
  if (origin === null || text === "") return null;
  const fault = faultOf(origin.isPair ? text.slice(text.indexOf(":") + 1) : text, origin);
  if (fault === null) return null;
  const danger = { carried: "anybody may try at the door", key: "whoever sees one signed request may try" }[origin.use];
  const head = `${fault}, which ${danger}`;
  if (origin.madeBy === "sender")
    return { refused: false, reason: `${head}; its sender made it, so it is taken: have a longer one made if it can` };
  const way = "make one with `openssl rand -hex 24` and give it to the sender too";
  const other =
    origin.setting === null ? "" : `; if the sender made it and has no other, set ${origin.setting}: sender`;
  return { refused: true, reason: `${head}: ${way}${other}` };
}

/** Invisible characters: they lengthen a secret and are no part of what has to be guessed. */
const invisible = /[\p{Cc}\p{Cf}]/gu;

function faultOf(text: string, { preset, isPair }: SecretOrigin): string | null {
  const characters = [...text.replace(invisible, "")];
  const what = isPair ? "password" : "secret";
  const { length } = characters;
  const counted = `${length} ${length === 1 ? "character" : "characters"}`;
  if (length < secretCharactersMin) return `is a ${what} of ${counted} and not of ${secretCharactersMin} or more`;
  if (new Set(characters).size < differentCharactersMin || isRepeated(characters)) return "is a short text repeated";
  return isPlaceholder(text, preset) ? "is made of words that stand in every example" : null;
}

/** Whether a text is a shorter one, of less than a secret's characters, written several times. */
function isRepeated(characters: readonly string[]): boolean {
  for (let unit = 1; unit < secretCharactersMin && unit <= characters.length / 2; unit++)
    if (characters.length % unit === 0 && characters.every((one, at) => one === characters[at % unit])) return true;
  return false;
}

/** Words that documentation writes in a secret's place. One other word, or a number of several digits, makes it somebody's own. */
const exampleWords: ReadonlySet<string> = new Set(
  "a api change changeme example here hookline insert key me my password placeholder put replace replaceme secret shared sender the this token webhook webhooks with your".split(
    " ",
  ),
);

function isPlaceholder(text: string, preset: string): boolean {
  const named = new Set(preset.split("-"));
  const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.every((word) => word === "" || exampleWords.has(word) || named.has(word) || /^\d{1,3}$/.test(word));
}

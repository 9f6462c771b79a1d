/**
 * Some words for "no value" are also surnames: Geen, Keiner, Brak, Yok. This file decides which of the two a value is.
 * Pure.
 *
 * | the word                                                        | means      |
 * | --------------------------------------------------------------- | ---------- |
 * | `Geen` (one capital, then lower case) in the field of a name    | a surname  |
 * | `Null` in the field of a surname                                | a surname  |
 * | `geen` or `GEEN` in any field, or `Geen` in any other field     | "no value" |
 * | `Null` in any other field, because programs write `Null` there  | "no value" |
 */

/** The words in lower case. nothing.ts compares words in lower case too. */
const surnames: ReadonlySet<string> = new Set([
  "brak",
  "geen",
  "ingen",
  "keine",
  "keiner",
  "nessuno",
  "néant",
  "yok",
  "žádná",
  "žádný",
]);

/** Steps of a path that do not name a field: `properties.lastname.value`, `people[0].name`. */
const unnamedStep = /^(?:value|values|text|raw|current|\d*)$/i;

const whose =
  "(?:billing|shipping|customer|contact|client|person|caller|recipient|patient|guest|buyer|requester|owner|lead|attendee|member|applicant)s?";
const surnameField = new RegExp(
  `^(?:${whose})?(?:last|sur|family|second|maiden)names?$|^(?:nach|familien)name$|^(?:apellidos?|apellido(?:paterno|materno)|cognome|sobrenome|apelido|achternaam|familienaam|nazwisko|soyad[ıi]?|soyisim|prijmeni|priezvisko|vezeteknev|csaladnev|efternamn|efternavn|etternavn|sukunimi|nomdefamille|фамилия|прізвище|επωνυμο)$`,
);
const fullField =
  /(?:first|given|middle|fore|full|preferred|display)names?$|^(?:vorname|nombres|nombrecompleto|prenom|nomecompleto|voornaam|imie|imienazwisko|adsoyad|jmeno|krestnijmeno|keresztnev|fornamn|fornavn|etunimi|фио)$/;
const contactField = new RegExp(`^${whose}name$`);
/** A name of the object that holds the field. */
const bareField = /^(?:name|nombre|nom|nome|naam|ad|adi|isim|nev|namn|navn|nimi|имя|імя|ονομα)$/;
const ofPerson = new RegExp(
  `^(?:data|record|properties|fields|attributes|people|user|profile|author|defaultaddress|${whose}(?:address)?|cliente|kunde|kunden|klant|klient|kontakt|contacto|contatto|contato|persona|persoon|pessoa|musteri|клиент)$`,
);

/**
 * @param word As sent, without surrounding white space.
 * @param path Path of its field; null if it is unknown.
 * @returns Whether a word is a person's name, although it means "no value" elsewhere.
 */
export function isSurname(word: string, path: string | null): boolean {
  const written = word.normalize("NFC");
  if (path === null || !/^\p{Lu}\p{Ll}+$/u.test(written)) return false;
  const lower = written.toLowerCase();
  const [field = "", parent = ""] = stepsOf(path).toReversed();
  if (lower === "null") return surnameField.test(field);
  if (!surnames.has(lower)) return false;
  return (
    surnameField.test(field) ||
    fullField.test(field) ||
    contactField.test(field) ||
    (bareField.test(field) && ofPerson.test(parent))
  );
}

/** The names of a path in lower case, without accents and signs: `data["Last Name"]` becomes `data`, `lastname`. */
function stepsOf(path: string): string[] {
  return path
    .split(/[.[\]"]+/)
    .filter((step) => !unnamedStep.test(step))
    .map((step) =>
      step
        .replace(/__c$/i, "")
        .normalize("NFKD")
        .toLowerCase()
        .replace(/[^\p{L}]/gu, ""),
    );
}

/**
 * The fields whose values keep their line breaks in `about`. Pure.
 *
 * The rule: a value is one line, as names, titles and addresses are, unless the last word of its field's name says that somebody wrote
 * prose into it: `data.note`, `data.customerMessage`, `record.ticket.description_html`, `data["Ihre Nachricht"]`. A word that only says how
 * a value is written does not count (`comment.value`, `body_plain`). A field with another name loses its line breaks and no word.
 */

const proseWords: ReadonlySet<string> = new Set(
  [
    [
      "note",
      "notes",
      "memo",
      "message",
      "messages",
      "msg",
      "comment",
      "comments",
      "remark",
      "remarks",
      "reply",
      "replies",
    ],
    [
      "description",
      "descriptions",
      "desc",
      "details",
      "detail",
      "body",
      "text",
      "texts",
      "content",
      "contents",
      "said",
    ],
    ["wrote", "question", "questions", "answer", "answers", "feedback", "review", "reviews", "summary", "complaint"],
    ["instructions", "transcript", "conversation", "thread", "inquiry", "enquiry"],
    [
      "nachricht",
      "nachrichten",
      "notiz",
      "notizen",
      "bemerkung",
      "bemerkungen",
      "beschreibung",
      "kommentar",
      "anliegen",
    ],
    [
      "commentaire",
      "commentaires",
      "remarque",
      "remarques",
      "mensaje",
      "comentario",
      "comentarios",
      "descripcion",
      "nota",
    ],
    ["notas", "observaciones", "mensagem", "descricao", "messaggio", "commento", "descrizione", "bericht", "opmerking"],
    ["omschrijving", "wiadomosc", "opis", "meddelande", "meddelelse", "kommentti", "mesaj", "aciklama"],
  ].flat(),
);

/** Words that say how a value is written, after the word that says what it is. */
const formWords: ReadonlySet<string> = new Set([
  "value",
  "values",
  "formatted",
  "rendered",
  "raw",
  "plain",
  "html",
  "markdown",
]);

/** Words of a field's name: parted by signs, digits and the capitals within it. */
const nameWords = /\p{Lu}?[\p{Ll}\p{Lo}]+|\p{Lu}+/gu;

/** @param path of the field, as texts name it: `data.items[].title`; `null`: no field stands behind the value */
export function holdsProse(path: string | null): boolean {
  const words =
    path
      ?.normalize("NFD")
      .replaceAll(/\p{Mn}/gu, "")
      .match(nameWords) ?? [];
  const last = words.map((word) => word.toLowerCase()).findLast((word) => !formWords.has(word));
  return last !== undefined && proseWords.has(last);
}

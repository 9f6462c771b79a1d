/**
 * Fields whose values keep their line breaks in `about`. Pure.
 *
 * Rule: a value is a single line, like names, titles and addresses, unless a word in its field's name says that
 * somebody wrote prose: `data.note`, `note_for_courier`, `record.ticket.description_html`, `data["Ihre Nachricht"]`,
 * `Problem_Description__c`. Compound words count by their ending (`Kundennachricht`, `ordernote`). A later word for
 * another property of the prose decides instead (`noteAuthor`, `message_title`). In other fields a line break becomes a
 * comma.
 */
import { wordSet, wordsOfField } from "./field-words.ts";

const proseWords = wordSet(`
  note notes memo message messages msg comment comments remark remarks reply replies description descriptions desc details detail body
  text texts txt content contents said wrote question questions answer answers feedback review reviews summary complaint instruction
  instructions transcript conversation thread inquiry enquiry reason reasons request requests explanation problem observation observations
  nachricht nachrichten notiz notizen bemerkung bemerkungen anmerkung anmerkungen hinweis hinweise mitteilung beschreibung kommentar
  kommentare anliegen wunsch grund begründung commentaire commentaires remarque remarques motif mensaje comentario comentarios descripcion
  nota notas observación observaciones motivo mensagem descricao observações messaggio commento descrizione bericht opmerking opmerkingen
  toelichting omschrijving wiadomosc opis uwagi komentarz meddelande meddelelse besked bemærkning anteckning kommentti viesti mesaj aciklama
  notlar poznámka megjegyzés üzenet комментарий комментарии примечание сообщение описание коментар повідомлення σχόλια μήνυμα
  ملاحظة ملاحظات رسالة הערה הערות הודעה टिप्पणी संदेश หมายเหตุ ข้อความ 메모 메시지 비고 내용 설명 요청사항`);

/** Endings of compound words. */
const proseEnds = [
  ...wordSet(`note notes text message messages comment comments description nachricht notiz bemerkung bemerkungen anmerkung anmerkungen hinweis
    beschreibung kommentar wunsch mitteilung 备注 備註 備考 留言 说明 說明 描述 内容 內容 要望 理由 メモ メッセージ コメント`),
];

/** Words after a word for prose that name another property: author, time, title. */
const otherWords = wordSet(`
  name author title subject by from sender writer owner user id ids date time at count number type status kind url link email phone
  autor titel betreff datum titre auteur titulo`);

/** @param path Path of the field, as texts name it: `data.items[].title`; null if the value has no field. */
export function holdsProse(path: string | null): boolean {
  const words = path === null ? [] : wordsOfField(path);
  const prose = words.findLastIndex((word) => proseWords.has(word) || proseEnds.some((end) => word.endsWith(end)));
  return prose >= 0 && !words.slice(prose + 1).some((word) => otherWords.has(word));
}

/** The files of the product whose strings are read by people: pages, answers, advice, the command line, warnings of the log. */
import { textsOf, type Wording } from "./texts.ts";

const rooms = ["src/", "cli/", "dev/start.ts", "dev/send/"];

/** Files whose strings are for machines: SQL and schemas, word lists, zones, style; and codes, which have tables of their own. */
const silent = [
  ...["src/store/", "src/domain/call-reasons.ts", "src/domain/problem-reasons.ts"],
  ...[
    "src/domain/config/disguised-text.ts",
    "src/domain/config/guessed-text.ts",
    "src/domain/config/public-secrets.ts",
  ],
  ...["src/domain/people/country.ts", "src/domain/people/zone-names.ts", "src/domain/people/emergency-numbers.ts"],
  ...["src/domain/people/phone-text.ts", "src/domain/people/surname.ts", "src/domain/rules/text/nothing.ts"],
  ...["src/domain/rules/text/quoting/names.ts", "src/domain/rules/text/quoting/prose-fields.ts"],
  ...["src/domain/rules/text/quoting/field-words.ts", "src/domain/written-amount.ts"],
  ...["src/objects/inbox/spill.ts", "src/objects/line/claim-journal.ts", "src/objects/line/report-queue.ts"],
  ...[
    "src/objects/directory/stored-names.ts",
    "src/pages/assets/style",
    "src/pages/assets/icon.ts",
    "src/pages/assets/script.ts",
    "src/pages/frame/response.tsx",
  ],
];

/** @returns the texts of the product's files, by path */
export function textsOfProduct(): ReadonlyMap<string, readonly Wording[]> {
  return textsOf(
    (path) => rooms.some((room) => path.startsWith(room)) && !silent.some((room) => path.startsWith(room)),
  );
}

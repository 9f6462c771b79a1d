import { describe, expect, it } from "vitest";
import { documents, pageText, proseOf } from "./page.ts";

/**
 * Sentences that open with a clause in place of a subject, such as "What is stored is sealed". A reader has to hold the clause until the
 * verb comes. Questions are no such sentences.
 */
function clausesForSubjects(text: string): string[] {
  // The sentences of generated tables are the code's, and are tested there.
  const own = text.replace(/^<!-- generated: [\w-]+ -->$[\s\S]*?^<!-- generated: end -->$/gm, "");
  const sentences = proseOf(own)
    .split(/\n\n|\n(?=[-|#]|\d+\. )|(?<=[.!?:]\*{0,2})\s+|\|/)
    .map((sentence) => sentence.replace(/^[\s*#>-]+|^\d+\. /g, "").replace(/\s+/g, " "));
  return sentences.filter(
    (sentence) =>
      /^(?:What|Whatever|Who|Whoever|Whom|Where|One that) /.test(sentence) && !/\?\*{0,2}\s*$/.test(sentence),
  );
}

describe("sentences", () => {
  it.each(documents)("of %s begin with their subject", (page) => {
    expect(clausesForSubjects(pageText(page))).toEqual([]);
  });

  it("that do not are found in paragraphs, lists and tables, and questions are none", () => {
    const text =
      "# Where to look\n\nA. What is\nstored is sealed. What is stored?\n\n- **a** Whoever asks.\n| a | Whom it rings |\n`What is`\n";
    expect(clausesForSubjects(text)).toEqual(["Where to look", "What is stored is sealed.", "Whom it rings "]);
  });
});

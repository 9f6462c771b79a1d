import { describe, expect, test } from "vitest";
import { publicSecrets, publisherOf } from "../../../src/domain/config/public-secrets.ts";
import { weakSecret } from "../../../src/domain/config/secret-strength.ts";
import vectors from "../../crm/signature-vectors.json" with { type: "json" };

const svix = "whsec_plJ3nmyCDGBKInavdOK15jsl";

describe("a secret that a sender has published", () => {
  test.each([
    ["as its page shows it", svix],
    ["without the prefix", "plJ3nmyCDGBKInavdOK15jsl"],
    ["with the prefix of a header", `v1,${svix}`],
    ["with white space around it", ` ${svix}\n`],
    ["with padding", `${svix}==`],
    ["as the password of a pair", `hookline:${svix}`],
    ["in small hexadecimal digits", "79a3eaf309c43708726a8c284c0d72618696a12e840dfa1df3a158afa3b577da"],
  ])("is known %s", (_, text) => expect(publisherOf(text)).toMatch(/^(Svix|Adyen)$/));

  test.each(["whsec_NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "", ":", "whsec_", "v1,", "=".repeat(100_000)])(
    "is not taken for another text: %#",
    (text) => expect(publisherOf(text)).toBeNull(),
  );

  test("is refused whoever makes the source's secrets, and as a public key, and the door is said to verify nothing by it", () => {
    const origin = { use: "key", isPair: false, setting: null, preset: "generic", source: "shop" } as const;
    for (const { by, value } of publicSecrets)
      for (const one of [{ ...origin, madeBy: "you" }, { ...origin, madeBy: "sender" }, null] as const) {
        const found = weakSecret(value, one);
        expect(found).toMatchObject({ refused: true, verifies: false, reason: expect.stringContaining(by) });
        expect(found?.reason).toContain("Hookline refuses it");
        expect(found?.reason).not.toContain(value);
      }
  });

  test("is in the list if it signs one of the published examples", () => {
    for (const { secret } of vectors.filter((vector) => vector.secret.length >= 16))
      expect([secret, publisherOf(secret)]).toEqual([secret, expect.any(String)]);
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts that a template was to fill in.
/** Secrets after all that is tried first was taken away: given examples, others of their kind, and random secrets of the common forms. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isGuessed, isUnfilled } from "../../../src/domain/config/guessed-text.ts";

const names = ["freshdesk", "acme-orders"];

describe("a value that was never filled in", () => {
  test.each([
    "{{ secrets.WEBHOOK }}",
    "${{ secrets.HOOKLINE_SECRET }}",
    "{{webhook_secret}}-suffix",
    "${FRESHDESK_SECRET:-none}",
    "#{ENV_WEBHOOK_KEY}",
    "$HUBSPOT_CLIENT_SECRET",
    "$env:WEBHOOK_SECRET",
    "%WEBHOOK_SECRET%",
    "<%= ENV_SECRET %>",
    "$(openssl rand -hex 24)",
    "`openssl rand -hex 24`",
    "openssl rand -hex 24",
    "process.env.SECRET_KEY",
    'os.environ["HOOK_KEY"]',
    "import.meta.env.SECRET",
    "op://vault/item/secret",
    "vault:secret/data/hookline",
    "arn:aws:secretsmanager:eu-west-1:1:secret:x",
    "projects/p/secrets/hook/versions/1",
    "!secret webhook_key_x",
    "<REPLACE_ME_WITH_A_LONG_RANDOM_VALUE>",
    "[your own value here]",
    "SALESFORCE_PATH_KEY",
  ])("is seen: %s", (text) => expect(isUnfilled(text)).toBe(true));

  test.each([
    "!@#$%^&*()_+-=[]{}|;",
    "q7{Wz3$Rk9(Lm2}Xv8T)n",
    "$2b$12$Kix7Qw9RzTyUiOpLkJhGfe",
    "${{}}[[]]<<>>((%%))!",
    "aws+Kx9/operator:QzT7",
    "<q7Wz3Rk9$Lm2Xv8Tn>",
    "correct horse battery staple",
    "!Secret-sauce-of-Bologna",
  ])("is not taken for one: %s", (text) => expect(isUnfilled(text)).toBe(false));
});

describe("what is tried first", () => {
  test.each([
    "test-webhook-secret",
    "yourwebhooksecret",
    "YourWebhookSecretHere",
    "mywebhooksecret1",
    "MySuperS3cretP@ssw0rd",
    "hookline-test-secret",
    "shopify-webhook-secret",
    "acme-orders-webhook-secret",
    "AcmeOrdersSecretKey1",
    "paste-your-secret-here",
    "enter a random value here",
    "put_a_long_random_string_here",
    "changeme12345678",
    "password12345678",
    "password20242025",
    "webhook-secret-48213",
    "undefined undefined",
    "[object Object] null",
    "whsec_xxxxxxxxxxxx",
    `whsec_${"A".repeat(32)}`,
    "sk_test_secret_key_1234",
    "whsec_q7Wz3Rk9Lm",
    "0123456789abcdef",
    "fedcba9876543210",
    "1234567890123456",
    "12345678901234567890",
    "9876543210987654",
    "1-2-3-4-5-6-7-8-9-10-11",
    "1111222233334444",
    "aabbccddeeffgghh",
    "abcdefghijklmnop",
    "абвгдежзийклмноп",
    "qwertyuiopasdfgh",
    "qwertzuiop123456",
    "1q2w3e4r5t6y7u8i",
    "It's a Secret to Everybody",
    "the-default-demo-token",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "X03MO1qnZdYdgyfeuILPmQ==",
    "cGFzc3dvcmRwYXNzd29yZA==",
    "70617373776f7264",
    "6368616e67656d65",
    "sha256=0000000000000000",
    "qazwsxedcrfvtgby",
    "!QAZ2wsx#EDC4rfv",
    "p a s s w o r d p a s s",
    "s-e-c-r-e-t-s-e-c-r-e-t",
    "2026-11-28-2026-11-28",
    "28.11.2026 29.11.2026",
    "+14155550100+1415",
    "+49 30 901820 30",
    "john.smith@example.com",
    "contraseña123456",
    "wachtwoord123456",
    "пароль1234567890",
    "wk1-wk1-Winter2025!Winter",
  ])("is guessed: %s", (text) => expect(isGuessed(text, names)).toBe(true));

  test.each([
    "482-913-077-265-841-330",
    "739-184-002-918-447",
    "!@#$%^&*()_+-=[]{}|;",
    "😀🚀🍕🎸🌵🐙🧊🔑🎲🛶🦊🍄🏔🎻🧭🪁",
    "😀😁😂🤣😃😄😅😆😇😈😉😊😋😌😍😎",
    "correct horse battery staple",
    "test paste lantern mosaic velvet kayak",
    "my-secret-webhook-token-of-globex",
    "whsec_dW5ndWVzc2FibGUta2V5LW9mLXRoZS1mdXp6ZXI=",
    "webhook-secret-482139077265",
    "天地玄黃宇宙洪荒日月盈昃辰宿列張",
    "2f6c1d7be08a4c53",
    "QK3ys78ITDyf-WA2",
    "2:LNeT0do)Ze59yf",
    "8a4f274b451c3978",
    "key-3064c25c1c9c",
    "!Secret-sauce-of-Bologna",
    "секретное слово из четырёх",
    "5f4dcc3b5aa765d61d8327deb882cf98x",
  ])("is not: %s", (text) => expect(isGuessed(text, names)).toBe(false));

  test("holds the names of the source it is for, and not of others", () => {
    expect(isGuessed("lighthouse-webhook-secret", ["generic", "lighthouse"])).toBe(true);
    expect(isGuessed("lighthouse-webhook-secret", ["generic", "other"])).toBe(false);
  });
});

/** The same secrets at each run: SHA-256 of a counter. */
const bytes = (form: string, nth: number): Buffer => createHash("sha256").update(`${form} ${nth}`).digest();
const from = (alphabet: string, count: number, random: Buffer): string =>
  [...random.subarray(0, count)].map((byte) => alphabet[byte % alphabet.length]).join("");
const lower = "abcdefghijklmnopqrstuvwxyz";
const words =
  "acid afar bulb cage canopy chief cider clump comet crisp dawn diner dusk eagle elm fable fern flint gecko giant gloss grape guava hazel hinge icing igloo jelly kayak kiosk lava lemon lilac mango maple melon mocha moose nacho nylon oasis onion otter panda pearl plank plaza pony quail quilt raven relic river salsa scarf shrug sloth spoon squid swan tango thorn tulip umpire valve violin waffle walrus yodel zebra zoom test paste enter key change signal station".split(
    " ",
  );
const forms: Readonly<Record<string, (random: Buffer) => string>> = {
  "32 hexadecimal digits": (random) => random.toString("hex").slice(0, 32),
  "24 bytes of base64": (random) => random.subarray(0, 24).toString("base64"),
  "a UUID": (random) => random.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5"),
  "16 letters and digits": (random) => from(`${lower}${lower.toUpperCase()}0123456789`, 16, random),
  "18 digits between dashes": (random) => from("0123456789", 18, random).replace(/(?<=^(?:...)+)(?=.)/g, "-"),
  "16 of base64 for addresses": (random) => random.toString("base64url").slice(0, 16),
  "16 printable characters": (random) =>
    [...random.subarray(0, 16)].map((byte) => String.fromCharCode(33 + (byte % 94))).join(""),
  "16 hexadecimal digits": (random) => random.toString("hex").slice(0, 16),
  "24 of base64": (random) => random.toString("base64").slice(0, 24),
  "16 hexadecimal digits behind a prefix": (random) => `key-${random.toString("hex").slice(0, 16)}`,
  "24 octal digits": (random) => [...random.subarray(0, 24)].map((byte) => byte % 8).join(""),
  "six words": (random) => [...random.subarray(0, 6)].map((byte) => words[byte % words.length]).join(" "),
  "20 printable characters": (random) =>
    [...random.subarray(0, 20)].map((byte) => String.fromCharCode(33 + (byte % 94))).join(""),
};

test.each(Object.keys(forms))("none of 20,000 random secrets is refused: %s", (form) => {
  const texts = Array.from({ length: 20_000 }, (_, nth) => forms[form]?.(bytes(form, nth)) ?? "");
  expect(texts.filter((text) => isUnfilled(text) || isGuessed(text, ["hubspot", "crm"]))).toEqual([]);
});

test("a huge text is judged in time that grows with its length alone", () => {
  const texts = ["a", "secret", "1234", "{{", "${a", "$(", "my"].map((unit) => unit.repeat(20_000 / unit.length));
  for (const text of texts) expect(typeof (isUnfilled(text) || isGuessed(text, names))).toBe("boolean");
}, 10_000);

/** Values that stand for nothing are missing, and all others are said. */
import { describe, expect, it } from "vitest";
import { buildContext } from "../../../../src/domain/rules/context.ts";
import { standsForNothing } from "../../../../src/domain/rules/text/nothing.ts";
import type { TextUse } from "../../../../src/domain/rules/text/program.ts";
import { compileText, renderText } from "../../../../src/domain/rules/text/text.ts";

const nothing = [
  // Programs.
  "undefined",
  "Undefined",
  "null",
  "NULL",
  "Null",
  "None",
  "none",
  "NaN",
  "nan",
  "nil",
  "<nil>",
  "(null)",
  "[NULL]",
  '"null"',
  "[object Object]",
  "[object Object],[object Object]",
  "undefined undefined",
  "null, null",
  "None None",
  "undefined [object Object]",
  "#N/A",
  "#REF!",
  "(none)",
  " undefined ",
  "\nnull\t",
  // People.
  "N/A",
  "n/a",
  "N / A",
  "n.a.",
  "Ｎ／Ａ",
  "N/A.",
  "not provided",
  "(not set)",
  "Not Available",
  "(empty)",
  "k. A.",
  "Keine Angabe",
  "entfällt",
  "n.d.",
  "s/o",
  "non renseigné",
  "ninguno",
  "Nenhum",
  "não informado",
  "n.v.t.",
  "brak danych",
  "нет данных",
  "なし",
  "未設定",
  "无",
  "없음",
  "לא זמין",
  "غير متوفر",
  // Signs.
  "-",
  "--",
  "–",
  "—",
  "- -",
  ".",
  "...",
  "…",
  "_",
  "?",
  "***",
  "/",
  // Entities.
  "N&#x2F;A",
  "&lt;null&gt;",
  "&mdash;",
  // Placeholders that nobody filled.
  "{{ticket.requester.first_name}}",
  "{{ ticket.requester.first_name }}",
  "{{{contact.firstname}}}",
  "{{contact.firstname}} {{contact.lastname}}",
  "{{ $json.name }}",
  "{{1.name}}",
  "{{ contact.firstname | default: 'x' }}",
  "{% if a %}{% endif %}",
  "{!Contact.FirstName}",
  "{first_name}",
  "$".concat("{name}"),
  "#{name}",
  "$!{contact.name}",
  "@{triggerBody()?['name']}",
  "*|FNAME|*",
  "*|FNAME|* *|LNAME|*",
  "%FIRSTNAME%",
  "%%first_name%%",
  "[[first_name]]",
  "[first_name]",
  "[contact.name]",
  "<%= name %>",
  "<<First Name>>",
  "~Contact.FirstName~",
  "$contact.first_name",
  "({{name}})",
  "{First Name}",
  "{ first name }",
  "%{name}",
  "%(name)s",
  "[FNAME]",
  "[First Name]",
  "[Customer Name]",
  "[Your Name Here]",
  "<name>",
  "&lt;name&gt;",
  "«Name»",
  "__FIRST_NAME__",
  "|FNAME|",
  "{!$User.FirstName}",
  "<?= $name ?>",
  "[% name %]",
  "$".concat("{}"),
  // Other spellings of programs and people.
  "(null) (null)",
  "<NA>",
  "Invalid Date",
  "#NUM!",
  "#SPILL!",
  "0000-00-00",
  "[]",
  "{}",
  '""',
  "''",
  "&nbsp;",
  "&#160;&#8203;",
  "\u200b",
  "\u3164",
  "N\\A",
  "¿?",
  "⸺",
  "not_provided",
  "No Name",
  "TBD",
  "ohne Angabe",
  "nicht zutreffend",
  "k.A",
  "não aplicável",
  "sin nombre",
  "特になし",
  "沒有",
  "暂无数据",
  "해당사항 없음",
  "कुछ नहीं",
  "inte tillgänglig",
];

const something = [
  "Ada",
  "Jennifer Null",
  "Null Island",
  "Nullmeyer",
  "Nan",
  "Nan Goldin",
  "Nil",
  "Nonette",
  "Na",
  "NA",
  "No",
  "no",
  "Nada",
  "Undefined Fashion Ltd",
  "None of it works",
  "nothing works",
  "none but one",
  "N/A-1",
  "N/A 1",
  "#N/A1",
  "-5",
  "- the kettle",
  "--- see attached",
  "x",
  "0",
  "false",
  "👍",
  ":-)",
  "!",
  "1.299,00",
  "+1 415 555 0100",
  "100%",
  "50% off, 20% now",
  "$5.50",
  "#1001",
  "R&D",
  "Ada {{contact.last_name}}",
  "Why does it say {{first_name}}?",
  "it prints [object Object] on the page",
  "My name is undefined in your mails",
  "[Urgent]",
  "[EXTERNAL] Kettle",
  "<3",
  "{kettle, pot}",
  "a < b > c",
  "Undefined, Berlin",
  "null und nichtig",
  "keine Ahnung",
  "Brakman",
  "`{{ name }}` is shown",
  "[Name withheld]",
  "[Ada]",
  "<Ada>",
  "{Ada Lovelace}x",
  "«Ада»",
  "|Ada|",
  "__init__",
  "Invalid date of delivery",
  "2026-11-28",
  "[1]",
  '"Ada"',
  "Namesake",
  "Tba Nguyen",
  "K. A",
  "\u200bAda",
  "👨‍👩‍👧",
  "100% (names)s",
  "x".repeat(300),
  "undefined ".repeat(40),
  "{{".repeat(5_000),
];

const uses: readonly TextUse[] = ["about", "prompt", "greeting", "value", "path"];

it.each(nothing)("%j stands for nothing", (value) => {
  for (const use of uses) expect([use, standsForNothing(value, use)]).toEqual([use, true]);
});

it.each(something)("%j says something", (value) => {
  for (const use of uses) expect([use, standsForNothing(value, use)]).toEqual([use, false]);
});

it.each(["unknown", "Unknown", "(unknown)", "Unbekannt", "inconnu", "不明", "неизвестно"])(
  "%j tells an agent something, and is no name and no key",
  (value) => {
    expect(uses.filter((use) => standsForNothing(value, use))).toEqual(["prompt", "greeting", "value", "path"]);
  },
);

describe("in a text a value that stands for nothing is missing:", () => {
  const event = { id: "evt_1", type: "lead.new", occurredAt: null, source: "shop" };
  const data = {
    none: "undefined",
    unfilled: "{{ticket.requester.first_name}}",
    na: "N/A",
    dash: "-",
    html: "<p>N/A</p>",
    name: "Ada",
    tags: ["N/A"],
    list: ["Ada", "null"],
    people: [{ name: "Ada" }, { name: "null" }],
    status: "none",
    long: `${" ".repeat(3_000)}null`,
  };
  const render = (source: string, use: TextUse = "greeting", payload: unknown = data) => {
    const made = compileText(source, use);
    if (!made.ok) throw new Error(made.mistake.reason);
    return renderText(made.text, buildContext(event, payload, null));
  };

  it.each([
    ["{{ data.none }}", "data.none"],
    ["{{ data.unfilled }}", "data.unfilled"],
    ["Hello {{ data.dash | upcase }}", "data.dash"],
    ["{{ data.na | strip }}", "data.na"],
    ["{{ data.html | strip_html }}", "data.html"],
    ["{{ data.tags | first }}", "data.tags"],
    ["{{ data.tags | join: ', ' }}", "data.tags"],
    ["{{ 'Dear ' | append: data.none }}", "data.none"],
    ["{% assign n = data.none %}Hello {{ n }}", "data.none"],
    ["{% for p in data.people %}{{ p.name }} {% endfor %}", "data.people[].name"],
    ["{% for p in data.list %}{{ p }} {% endfor %}", "data.list[]"],
    ["{{ data.name | default: data.none }} {{ data.missing | default: data.none }}", "data.missing"],
  ])("%s is held, with the field's path", (source, path) => {
    expect(render(source)).toMatchObject({ ok: false, reason: "placeholder", path });
  });

  it.each([
    ["Hello {{ data.none | default: 'there' }}", "Hello there"],
    ["{{ data.html | strip_html | default: 'nothing' }}", "nothing"],
    ["{{ data.none | default: data.name }}", "Ada"],
    ["{% if data.none %}Hello {{ data.none }}{% else %}Hello{% endif %}", "Hello"],
    ["{% unless data.na %}no name{% endunless %}", "no name"],
    ["{% if data.na or data.none %}a{% else %}b{% endif %}", "b"],
    ["{% if data.na == blank %}blank{% endif %}", "blank"],
    ["{% for p in data.people %}{{ p.name | default: 'a guest' }} {% endfor %}", "«Ada» a guest"],
    // An author's own words are said, and a value is compared as it was sent.
    ["Parking: {{ data.missing | default: 'none' }}", "Parking: none"],
    ["{% assign n = data.missing | default: 'none' %}Parking: {{ n }}", "Parking: none"],
    ["{{ data.name | replace: 'Ada', 'none' }}", "none"],
    ["{{ '-' }} {{ 'none' }}", "- none"],
    ["{% if data.status == 'none' %}free{% endif %}", "free"],
    ["{% case data.status %}{% when 'none' %}free{% else %}busy{% endcase %}", "free"],
    ["{% if data.tags contains 'N/A' %}free{% endif %}", "free"],
  ])("%s is %j", (source, said) => {
    expect(render(source)).toMatchObject({ ok: true, value: said });
  });

  it("a plain value is empty, so that no two customers share a key, an order or a zone", () => {
    for (const field of ["none", "unfilled", "na", "dash"])
      expect(render(`{{ data.${field} }}`, "value")).toMatchObject({ ok: true, value: "" });
    expect(render("shop-{{ data.na }}", "value")).toMatchObject({ value: "shop-" });
    expect(render("{{ data.order }}", "value", { order: "N/A-1" })).toMatchObject({ value: "N/A-1" });
  });

  it("no record is fetched by it", () => {
    expect(render("/contacts/{{ data.none }}", "path")).toMatchObject({ ok: false, reason: "placeholder" });
  });

  it("the detail tells it from an empty value, and quotes neither", () => {
    expect(render("{{ data.none }}")).toMatchObject({ detail: expect.stringContaining("is a placeholder") });
    expect(render("{{ data.missing }}")).toMatchObject({ detail: "the value is missing or empty" });
  });
});

describe("a name of initials or capitals", () => {
  it.each(["N. D.", "K. A.", "S. O.", "N.C.", "N.D.", "Ö. Ü.", "NAN", "Nan"])("is a name: %s", (name) => {
    for (const use of ["greeting", "about"] as const) expect(standsForNothing(name, use)).toBe(false);
  });

  it.each(["N.A.", "N. A.", "n.a.", "N/A", "k.A.", "k. A.", "NaN", "nan"])(
    "is none where people or programs write it for nothing: %s",
    (text) => {
      expect(standsForNothing(text, "greeting")).toBe(true);
    },
  );
});

describe("a surname that is a word for nothing", () => {
  const names = [
    "Geen",
    "Keiner",
    "Keine",
    "Brak",
    "Yok",
    "Žádný",
    "Ingen",
    "Néant",
    "Nessuno",
    "Z\u030ca\u0301dny\u0301",
  ];
  const fields = [
    "data.last_name",
    "data.customer.lastName",
    "data.billing.last_name",
    'data["Last Name"]',
    "data.properties.lastname.value",
    "data.LastName",
    "data.Family_Name__c",
    "data.nachname",
    "data.apellidos",
    "data.nom",
    "data.Nazwisko",
    "data.soyadı",
    "data.příjmení",
    "data.achternaam",
    "data.name",
    "data.customer.name",
    "data.people[].name",
    "data.full_name",
    "data.contact_name",
    "record.contact.name",
    "data.shipping_address.name",
    "data.cliente.nombre",
    "data.kunde.name",
  ];
  it.each(fields)("is a name in %s", (path) => {
    for (const name of names) expect([name, standsForNothing(name, "greeting", path)]).toEqual([name, false]);
  });

  it.each([
    null,
    "data.product.name",
    "data.coupon",
    "data.coupon_name",
    "data.company_name",
    "data.line_items[].name",
    "data.plan.name",
    "data.produit.nom",
    "data.producto.nombre",
    "data.username",
    "data.filename",
    "data.discount.name",
    "data.notes",
  ])("stands for nothing in %s", (path) => {
    for (const name of names) expect([name, standsForNothing(name, "greeting", path)]).toEqual([name, true]);
  });

  it.each([
    "geen",
    "GEEN",
    "keine",
    "brak",
    "BRAK",
    "yok",
    "YOK",
    "(Geen)",
    "Keine Angabe",
    "brak danych",
    "None",
    "Unknown",
    "Unbekannt",
    "N/A",
    "-",
    "undefined",
    "Undefined",
  ])("a word for nothing that is no name stands for nothing in a name's field as well: %s", (word) => {
    for (const path of ["data.last_name", "data.name"]) expect(standsForNothing(word, "greeting", path)).toBe(true);
  });

  it("Null is a name only in a field of surnames", () => {
    expect(standsForNothing("Null", "greeting", "data.last_name")).toBe(false);
    for (const path of ["data.name", "data.first_name", "data.coupon", null])
      expect(standsForNothing("Null", "greeting", path)).toBe(true);
    for (const word of ["null", "NULL"]) expect(standsForNothing(word, "greeting", "data.last_name")).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["Hello {{ data.last_name }}", { last_name: "Geen" }, "Hello Geen"],
    ["Hello {{ data.customer.last_name | strip | upcase }}", { customer: { last_name: " Keiner " } }, "Hello KEINER"],
    [
      "{% if data.last_name == blank %}Hello{% else %}Hello {{ data.last_name }}{% endif %}",
      { last_name: "Yok" },
      "Hello Yok",
    ],
    ["{% for p in data.people %}{{ p.name }}{% endfor %}", { people: [{ name: "Brak" }] }, "«Brak»"],
    ["{% assign n = data.last_name | default: 'there' %}Hello {{ n }}", { last_name: "Null" }, "Hello Null"],
    ["Hello {{ data.last_name | default: 'there' }}", { last_name: "geen" }, "Hello there"],
    ["Code: {{ data.coupon.name | default: 'no code' }}", { coupon: { name: "Keine" } }, "Code: no code"],
  ])("%s", (source, data, said) => {
    const made = compileText(source, "greeting");
    if (!made.ok) throw new Error(made.mistake.reason);
    const event = { id: "evt_1", type: "lead.new", occurredAt: null, source: "shop" };
    expect(renderText(made.text, buildContext(event, data, null))).toMatchObject({ ok: true, value: said });
  });
});

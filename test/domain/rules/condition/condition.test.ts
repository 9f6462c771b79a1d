import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { compileCondition, evaluateCondition } from "../../../../src/domain/rules/condition/condition.ts";
import { buildContext } from "../../../../src/domain/rules/context.ts";

const conditionCharactersMax = 4_096;
const event = { id: "evt_1", type: "orders/updated", occurredAt: Date.UTC(2026, 0, 1), source: "acme-orders" };
const order = {
  id: 5,
  name: "#12345",
  tags: "vip, call-me",
  total_price: "250.00",
  total: 100.5,
  count: 5,
  cancelled_at: null,
  paid: true,
  created_at: "2026-01-01T00:00:00Z",
  shipping: {},
  "we ird": 1,
  items: [{ sku: "A", quantity: 2 }, { sku: "B" }],
  numbers: [1, 2, 3],
  note: "Straße, please ring the +1 415 555 0100",
};

function decide(source: string, data: unknown = order, record: unknown = null) {
  const made = compileCondition(source);
  if (!made.ok) throw new Error(`${source}: ${made.mistake.reason}`);
  return evaluateCondition(made.condition, buildContext(event, data, record));
}

function mistakeOf(source: string) {
  const made = compileCondition(source);
  if (made.ok) throw new Error(`no mistake in ${source}`);
  return made.mistake;
}

describe("a condition", () => {
  it.each([
    ['"call-me" in data.tags.split(", ") && double(data.total_price) > 100.0', true],
    ["data.cancelled_at != null", false],
    ["data.cancelled_at == null", true],
    ['event.type == "orders/updated" && event.source == "acme-orders"', true],
    ["timestamp(event.occurred_at) - timestamp(data.created_at) < duration('1h')", true],
    ["record == null", true],
    ['data["we ird"] == 1', true],
    ["has(data.shipping.phone) && data.shipping.phone != ''", false],
    ['data.items.exists(i, i.sku == "B")', true],
    ['data.items.all(i, i.sku != "C")', true],
    ["data.items.filter(i, has(i.quantity)).size() == 1", true],
    ["data.items.exists_one(i, has(i.quantity))", true],
    ["data.numbers.map(n, n * 2) == [2, 4, 6]", true],
    ["data.items.exists(i, data.numbers.exists(n, i.sku == string(n)))", false],
    ["data.paid ? data.count > 3 : false", true],
    ["data.name.startsWith('#') && data.name.substring(1) == '12345'", true],
    ["data.missing == 1 || data.paid", true],
    ["type(data.count) == double && type(data.name) == string", true],
    ["[data.count, 'x'] == [5, 'x']", true],
    ["data.shipping == {}", true],
    ["true", true],
  ])("decides %s", (source, value) => {
    expect(decide(source)).toEqual({ ok: true, value });
  });

  it.each([
    "data.id == 5",
    "5 == data.id",
    "data.id != 6",
    "data.id == 5.0",
    "data.count > 3",
    "data.count >= 5.0",
    "3 < data.count",
    "data.total > 100.0",
    "data.total > 100",
    "data.count + 1 == 6",
    "1 + data.count == 6.0",
    "data.count - 1 == 4",
    "data.count * 2 == 10",
    "data.total * 2 == 201",
    "data.count / 2 == 2.5",
    "data.count % 2 == 1",
    "-data.count < 0",
    "data.count in [1, 5]",
    "2 in data.numbers",
    "data.numbers[0] == 1",
    "data.numbers[data.numbers[0]] == 2",
    "size(data.items) == 2",
    "data.items.size() == data.numbers[1]",
    "int(data.total) == 100",
    "int(data.count) % 2 == 1",
    "string(data.count) == '5'",
    "double(data.total_price) == 250",
    "250 == double(data.total_price)",
    "double(data.total_price) != 251",
    "data.id == int('5') && int('5') == data.id",
  ])("takes a number of JSON as a person would: %s", (source) => {
    expect(decide(source)).toEqual({ ok: true, value: true });
  });
});

describe("a condition that cannot be decided", () => {
  it.each([
    ["data.shipping.phone != ''", "data.shipping.phone"],
    ["data.nope.deep == 1", "data.nope"],
    ["has(data.nope.deep)", "data.nope"],
    ["record.email == 'x'", "record.email"],
    ["data.items[5].sku == 'A'", "data.items[5]"],
    ["data['not there'] == 1", 'data["not there"]'],
    ["data.items.all(i, i.quantity > 1)", "data.items[].quantity"],
    ["data.items.map(x, x.quantity).size() > 1", "data.items[].quantity"],
    ["data.items.exists(i, data.numbers.exists(n, i.zip == n))", "data.items[].zip"],
    ["data.total_price > 100", "data.total_price"],
    ["data.name ? true : false", "data.name"],
    ["data.name && true", "data.name"],
    ["double(data.name) > 1.0", "data.name"],
    ["data.name", "data.name"],
    ["data.constructor == 1", "data.constructor"],
    ["data.__proto__ == 1", "data.__proto__"],
    ["data.toString == null", "data.toString"],
    ["data.items.length == 2", "data.items.length"],
    ["data.name.length == 2", "data.name.length"],
  ])("%s says so with the path %s", (source, path) => {
    expect(decide(source)).toMatchObject({ ok: false, path });
  });

  it("never is false for a field that is missing", () => {
    expect(decide("data.gone == 1")).toEqual({ ok: false, path: "data.gone", detail: "data.gone is missing" });
    expect(decide("!(data.gone == 1)")).toMatchObject({ ok: false, path: "data.gone" });
  });

  it.each(["double(data.note) > 1.0", "int(data.note) > 1", "bool(data.note)", "duration(data.note) > duration('1s')"])(
    "%s tells nothing of what the customer wrote",
    (source) => {
      expect(JSON.stringify(decide(source))).not.toMatch(/Straße|415/);
    },
  );

  it("takes a sender's own `constructor` key for what it is: dropped", () => {
    const data: unknown = JSON.parse('{"constructor":"x","a":1,"__proto__":{"b":1}}');
    expect(decide("data.a == 1", data)).toEqual({ ok: true, value: true });
    expect(decide("data.b == 1", data)).toMatchObject({ ok: false, path: "data.b" });
  });
});

describe("a mistake in a condition", () => {
  it.each([
    ["", 1, 1, /empty/],
    ["  \n ", 1, 1, /empty/],
    ["data.a ==", 1, 10, /unexpected token/],
    ["data.a == 1\n  && data.b = 2", 2, 13, /./],
    ["foo == 1", 1, 1, /unknown name foo/],
    ["now > 1", 1, 1, /unknown name now/],
    ["budget__ == 1", 1, 1, /unknown name/],
    ["weigh__[data.a] == 1", 1, 1, /unknown name/],
    ["event.typ == 'x'", 1, 7, /no such key: typ/],
    ["event.type == 5", 1, 1, /no such overload: string == int/],
    ["1 + 2", 1, 1, /true or false/],
    ["data.name.split(',')", 1, 1, /true or false/],
    ["data.name.matches('(a+)+$')", 1, 1, /matches\(\) is not supported/],
    ["matches(data.name, 'a')", 1, 1, /matches\(\) is not supported/],
    ["data.numbers.join(data.note) == ''", 1, 1, /join\(\) is not supported/],
    ["cel.bind(a, 1, a == 1)", 1, 1, /bind\(\) is not supported/],
    ["bytes('x') == bytes('y')", 1, 1, /bytes\(\) is not supported/],
    ["b'x' == b'x'", 1, 1, /bytes/],
    ["data.a.getHours('Asia/Tokyo') == 1", 1, 1, /no time zone/],
    ["data.items.all(event, true)", 1, 16, /cannot name an element/],
    ["data.a.all(a, data.b.all(b, data.c.all(c, true)))", 1, 29, /nested more than 2 deep/],
    ["data.a.all(1, true)", 1, 12, /./],
    [`${"(".repeat(41)}true${")".repeat(41)}`, 1, 41, /maxDepth/],
    ["constructor == 1", 1, 1, /unknown name/],
    ["__proto__ == 1", 1, 1, /./],
    ["globalThis == 1", 1, 1, /unknown name/],
  ])("%j is told with its line, column and reason", (source, line, column, reason) => {
    const mistake = mistakeOf(source);
    expect(mistake.line).toBe(line);
    if (column !== undefined) expect(mistake.column).toBe(column);
    expect(mistake.reason).toMatch(reason);
  });

  it("is a source that is too long, too wide or too deep", () => {
    expect(mistakeOf("x".repeat(conditionCharactersMax + 1))).toMatchObject({
      line: 1,
      column: conditionCharactersMax + 1,
    });
    expect(mistakeOf(Array(300).fill("data.a").join(" && ")).reason).toMatch(/maxAstNodes/);
    expect(mistakeOf(`data${".a".repeat(1_000)} == 1`).reason).toMatch(/maxDepth/);
    for (const source of [`${"!".repeat(4_000)}true`, `${"-".repeat(4_000)}1 < 2`])
      expect(mistakeOf(source).reason).toMatch(/./);
  });
});

describe("a condition that burns", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const many = Array.from({ length: 1_000 }, (_, index) => index);
  const big = Object.fromEntries(many.flatMap((a) => many.slice(0, 50).map((b) => [`k${a}_${b}`, b])));
  const hostile = {
    many,
    big,
    bigs: [big],
    huge: Array.from({ length: 100_000 }, () => [0]),
    note: "x".repeat(900_000),
    needle: `b${"a".repeat(400_000)}`,
    commas: ",".repeat(300_000),
    json: `[${Array(200_000).fill("1").join(",")}]`,
  };

  const context = buildContext(event, hostile, null);

  it.each([
    "data.many.all(a, data.many.all(b, a + b >= 0))",
    "data.huge.exists(a, a == 1)",
    "data.big.exists(a, a == '')",
    "data.many.all(a, data.huge == data.huge)",
    "data.many.exists(a, data.big > 1)",
    "data.many.exists(a, size(data.big) == 1)",
    "data.many.exists(a, data.bigs == 1)",
    "data.many.exists(a, !data.big)",
    "data.many.exists(a, data[data.huge] == 1)",
    "data.many.exists(a, data.note.split('').size() == 1)",
    "data.many.map(a, data.note.upperAscii()).size() > 1",
    "data.note.split('').size() == 1",
    "data.commas.split(',').size() == 1",
    "'x' in data.commas.split(',')",
    "data.commas.split(',').map(p, p).size() == 1",
    "data.commas.split(',') == data.commas.split(',')",
    "data.commas.split(',', 200000).size() == 1",
    "data.many.map(a, data.many).map(b, b + b).size() == 1",
    "data.many.map(a, data.many) == data.many.map(a, data.many)",
    "parseJson(data.json) == parseJson(data.json)",
    "data.many.all(a, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].size() > 1 && [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80].size() > 1)",
    `data.note${".upperAscii().lowerAscii()".repeat(15)} == ''`,
    `data.note${".trim()".repeat(30)} == ''`,
    `data.note${".substring(0, 900000)".repeat(30)} == ''`,
    `${"string(".repeat(30)}data.note${")".repeat(30)} == ''`,
    "data.note.contains(data.needle)",
    "duration(data.note) > duration('1s')",
  ])("%s is stopped by what it costs, while every clock stands still", (source) => {
    const made = compileCondition(source);
    if (!made.ok) throw new Error(made.mistake.reason);
    vi.spyOn(Date, "now").mockReturnValue(0);
    vi.spyOn(performance, "now").mockReturnValue(0);
    expect(evaluateCondition(made.condition, context)).toEqual({
      ok: false,
      path: null,
      detail: "the condition is too much work for this payload",
    });
  });

  it("cannot grow a text beyond what it may read", () => {
    const grown = `(${Array(60).fill("data.note").join(" + ")}).size() == 1`;
    expect(decide(grown, hostile)).toMatchObject({ ok: false, detail: expect.stringContaining("too much work") });
  });

  it("splits as CEL does, with every limit", () => {
    const texts = ["", "a", ",", "a,b", "a,,b,", ",a", "a, b, c", "ä,😀,ß"];
    const separators = ["", ",", ", ", "a", "aa"];
    for (const text of texts)
      for (const separator of separators)
        for (const limit of [-1, 0, 1, 2, 3, 9]) {
          const all = text.split(separator);
          const wanted =
            limit < 0 || all.length <= limit
              ? all
              : limit === 0
                ? []
                : [...all.slice(0, limit - 1), all.slice(limit - 1).join(separator)];
          const data = { text, separator, wanted };
          const given = limit < 0 ? "data.separator" : `data.separator, ${limit}`;
          expect(decide(`data.text.split(${given}) == data.wanted`, data), `${text} ${separator} ${limit}`).toEqual({
            ok: true,
            value: true,
          });
        }
    expect(decide("data.total.split(',').size() == 1")).toEqual({
      ok: false,
      path: "data.total",
      detail: "data.total: found no matching overload for 'double.split(string)'",
    });
  });

  it("may take a long letter apart by its lines, twice, and look for a word in each", () => {
    const letter = Array.from({ length: 900 }, (_, n) => `line ${n}, and what the customer says about it`).join("\n");
    const asked = "data.letter.split('\\n').exists(l, l.lowerAscii().trim().startsWith('line 899'))";
    expect(decide(`${asked} && ${asked}`, { letter })).toEqual({ ok: true, value: true });
  });

  it("draws on the account of its context, and stops where that ends", () => {
    const made = compileCondition("data.note.split(' ').size() == 1");
    if (!made.ok) throw new Error(made.mistake.reason);
    const account = { left: 10_000 };
    const shared = { ...buildContext(event, { note: "x".repeat(900_000) }, null), account };
    const answers = [1, 2, 3, 4].map(() => evaluateCondition(made.condition, shared).ok);
    expect(answers).toEqual([true, true, false, false]);
    expect(account.left).toBeLessThan(0);
  });

  it("may visit an order's forty lines twice over, and read a note of a megabyte", () => {
    const lines = Array.from({ length: 40 }, (_, index) => ({ sku: `S${index}`, price: index }));
    const data = { lines, note: `${"x".repeat(900_000)}y` };
    expect(decide("data.lines.all(a, data.lines.exists(b, b.sku == a.sku))", data)).toEqual({ ok: true, value: true });
    expect(decide("data.note.contains('y') && data.note.endsWith('y')", data)).toEqual({ ok: true, value: true });
  });

  it("asks no clock and no chance at all", () => {
    const asked = [vi.spyOn(Date, "now"), vi.spyOn(performance, "now"), vi.spyOn(Math, "random")];
    expect(decide("timestamp(data.created_at) < timestamp('2027-01-01T00:00:00Z')")).toEqual({ ok: true, value: true });
    for (const spy of asked) expect(spy).not.toHaveBeenCalled();
  });
});

describe("any payload", () => {
  const conditions = [
    '"call-me" in data.tags.split(", ") && double(data.total_price) > 100.0',
    "data.a.b[0].c == data.items || data.a in data.items",
    "data.items.exists(i, i.a == i.b) && data.items.map(i, i.c + 1).size() > 2",
    "has(data.a.b) ? data.a.b > 1 : data.a + data.b == data.c",
    "size(data) > 1 && !data.a && -data.b < 3 && data[data.a] != null",
    "timestamp(data.a) > timestamp(data.b) || duration(data.a) > duration(data.b) || int(data.c) > 1",
    "[data.a, data.b] == data.c && {'x': data.a}.x in data.b",
  ].map((source) => {
    const made = compileCondition(source);
    if (!made.ok) throw new Error(made.mistake.reason);
    return made.condition;
  });
  const key = fc.constantFrom(
    "a",
    "b",
    "c",
    "items",
    "tags",
    "total_price",
    "__proto__",
    "constructor",
    "valueOf",
    "toString",
  );
  const { payload } = fc.letrec((tie) => ({
    payload: fc.oneof(
      { depthSize: "small" },
      fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie("payload"), { maxLength: 4 }),
      fc.dictionary(key, tie("payload"), { maxKeys: 5 }),
    ),
  }));

  it("gives an answer or a reason, and never throws", () => {
    fc.assert(
      fc.property(payload, payload, (data, record) => {
        const context = buildContext(event, data, record);
        for (const condition of conditions) {
          const answer = evaluateCondition(condition, context);
          expect(answer.ok ? typeof answer.value : typeof answer.detail).toBe(answer.ok ? "boolean" : "string");
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it("never makes any source throw while it is compiled", () => {
    const word = fc.constantFrom(
      ..."data event . [ ] ( ) { } 'a' 1 1.5 == in && || ! - + ? : , all has i true null size \" b'x' 5u".split(" "),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 30 }).map((words) => words.join(" ")),
          fc.string(),
        ),
        (source) => {
          const made = compileCondition(source);
          if (made.ok) evaluateCondition(made.condition, buildContext(event, order, null));
        },
      ),
      { seed: 7, numRuns: 2_000 },
    );
  });
});

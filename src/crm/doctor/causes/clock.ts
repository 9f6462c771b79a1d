/** A valid signature with a timestamp outside the tolerance. */

import { valueAt } from "../../../domain/json.ts";
import { bodyRules } from "../../preset/body-rules.ts";
import type { TimestampFormat } from "../../preset/recipe.ts";
import { decodeBody } from "../../request/body.ts";
import { headerOf, nameOf } from "../../request/paths.ts";
import { readTimestamp } from "../../request/timestamps.ts";
import { readSignatureHeader } from "../../signature/signature-header.ts";
import type { Finding } from "../findings.ts";
import type { Trial } from "../trial.ts";
import { isTemplated } from "./spellings.ts";

const formats: readonly TimestampFormat[] = ["s", "ms"];

/** @returns The clock's offset, or the unit that brings the time near; null if the recipe has no timestamp. */
export function clockFinding({ recipe, request, formats: bodies }: Trial, nowMs: number): Finding | null {
  if (!isTemplated(recipe) || recipe.timestamp === undefined) return null;
  const { from, format, toleranceSeconds, aheadSeconds = toleranceSeconds } = recipe.timestamp;
  const text = textOf();
  const at = text === null ? null : readTimestamp(text, format);
  if (text === null || at === null) return null;
  const wants = [format].flat();
  const near = (one: TimestampFormat): boolean => {
    const read = readTimestamp(text, one);
    return read !== null && Math.abs(nowMs - read) <= toleranceSeconds * 1_000;
  };
  const is = formats.find((one) => !wants.includes(one) && near(one));
  if (is !== undefined) return { kind: "time_form", is, wants: wants.join(" or ") };
  return { kind: "clock", offMs: nowMs - at, allowedSeconds: at > nowMs ? aheadSeconds : toleranceSeconds };

  function textOf(): string | null {
    if (!isTemplated(recipe)) return null;
    if ("header" in from) return headerOf(request.headers, from.header);
    if ("path" in from) {
      const body = decodeBody(request, bodyRules({ formats: bodies }, recipe));
      return body.ok ? nameOf(valueAt(body.value, from.path)) : null;
    }
    const header = readSignatureHeader(recipe, request.headers);
    return header.ok ? header.timestamp : null;
  }
}

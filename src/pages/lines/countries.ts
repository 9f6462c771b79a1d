import { lazily } from "../../domain/lazily.ts";

const names = lazily(() => new Intl.DisplayNames(["en"], { type: "region", fallback: "code" }));

/** @param codes ISO 3166 alpha-2. @returns Names, in alphabetical order; an unknown code as it is. */
export function countryNames(codes: readonly string[]): string[] {
  return codes.map(nameOf).sort((one, other) => one.localeCompare(other));
}

function nameOf(code: string): string {
  try {
    return names().of(code) ?? code;
  } catch {
    return code;
  }
}

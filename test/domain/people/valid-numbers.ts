/** Random valid numbers of a country, by libphonenumber's own word and a seed. They share nothing with the parser that is tested. */
import { parsePhoneNumberWithError } from "libphonenumber-js/max";
import { chance } from "../../chance.ts";

/** A calling code, and a form that most valid national numbers have; it only saves time. */
const plans = {
  US: ["1", /^[2-9]\d\d[2-9]\d{6}$/, [10]],
  CA: [
    "1",
    /^(?:2(?:04|26|36|49|50|89)|3(?:06|43|65)|4(?:03|1[68]|3[178]|50)|5(?:06|1[49]|48|79|81|87)|6(?:04|13|39|47)|7(?:05|78|80)|8(?:07|19|25|67|73)|90[25])[2-9]\d{6}$/,
    [10],
  ],
  MX: ["52", /^[2-9]\d{9}$/, [10]],
  IT: ["39", /^(?:0\d{8,10}|3\d{8,9})$/, [9, 10, 11]],
  DE: ["49", /^[1-9]\d+$/, [10, 11]],
  FR: ["33", /^[1-9]\d+$/, [9]],
  GB: ["44", /^[127]\d+$/, [10]],
  AT: ["43", /^[1-9]\d+$/, [9, 10, 11]],
  ES: ["34", /^[6-9]\d+$/, [9]],
  NL: ["31", /^[1-9]\d+$/, [9]],
  CH: ["41", /^[1-9]\d+$/, [9]],
  DK: ["45", /^[2-9]\d+$/, [8]],
  SG: ["65", /^[3689]\d+$/, [8]],
  BR: ["55", /^[1-9]{2}\d+$/, [10, 11]],
  IN: ["91", /^[6-9]\d+$/, [10]],
  PL: ["48", /^[1-9]\d+$/, [9]],
} as const satisfies Record<string, readonly [string, RegExp, readonly number[]]>;
export type Planned = keyof typeof plans;
export const plannedCountries = Object.keys(plans) as Planned[];

/** The calling code of a country. */
export const callingCode = (country: Planned): string => plans[country][0];

/** @returns valid national numbers, without a trunk prefix */
export function validNumbers(country: Planned, count: number, seed: number): string[] {
  const [code, form, lengths] = plans[country];
  const random = chance(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  const found: string[] = [];
  while (found.length < count) {
    const length = lengths[below(lengths.length)] ?? 10;
    const national = Array.from({ length }, () => below(10)).join("");
    if (!form.test(national)) continue;
    const number = parsePhoneNumberWithError(`+${code}${national}`, { extract: false });
    if (number.isValid() && number.country === country && number.nationalNumber === national) found.push(national);
  }
  return found;
}

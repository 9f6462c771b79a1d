import { isSupportedCountry } from "libphonenumber-js/max";

/** Whether a country (ISO 3166, two letters, upper case) has phone numbers of its own. */
export function hasNumbers(country: string): boolean {
  return isSupportedCountry(country);
}

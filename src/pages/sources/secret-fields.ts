import type { Field } from "../forms/fields.tsx";

/** @param isRotation Whether other secrets verify now. */
export function secretFields(isRotation: boolean): Field[] {
  const value: Field = {
    kind: "secret",
    name: "secret",
    label: "Secret",
    hint: "The one that the sender shows, or one that you choose and give to the sender (`openssl rand -hex 24`).",
    required: true,
    charactersMax: 4_096,
  };
  if (!isRotation) return [value];
  return [
    value,
    {
      kind: "choice",
      name: "retire_others_in",
      label: "Present secrets",
      value: "24h",
      choices: [
        { value: "24h", label: "Verify for 24 hours more", hint: "While the sender changes to the new one." },
        { value: "7d", label: "Verify for 7 days more" },
        { value: "never", label: "Stay until somebody removes them" },
      ],
    },
  ];
}

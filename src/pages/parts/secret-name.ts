/** Whether a form's field holds a secret, by its name: a kept form (signin/kept-form.tsx) has the names alone. */
export function isSecretName(name: string): boolean {
  return /secret|token|credential/i.test(name);
}

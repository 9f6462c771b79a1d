/** Messages after a form was sent, by the code in the address (`?did=`). */
export const didWords: Readonly<Record<string, string>> = {
  canceled: "The call is canceled.",
  released: "The call is released. Its line places it within its limits.",
  resolved: "The decision is stored.",
  again: "A further try is queued.",
  done: "Done.",
};

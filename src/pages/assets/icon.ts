/** The icon of the pages: a hook on a line. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f6b66"/><path d="M19 5v15a5.5 5.5 0 0 1-11 0v-1l3.5 3" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/><circle cx="19" cy="5.6" r="2.2" fill="#fff"/></svg>`;

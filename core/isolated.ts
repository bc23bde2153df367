const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name as part of a sentence: one that is written from right to left does not turn the words and figures after it around. */
export const isolated = (name: string): string => (RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name);

/** Without the marks around names: as a person types it, looks for it, and may send it back. */
export const unmarked = (text: string): string => text.replace(/[\u2068\u2069]/g, "");

/** Times as a field of the browser holds them, meant as UTC. */

export const toUtcField = (at: number | null): string => (at === null ? "" : new Date(at).toISOString().slice(0, 16));

/** Null when nothing, or nothing that is a time, was typed. */
export function fromUtcField(text: string): number | null {
  const at = text === "" ? NaN : Date.parse(`${text}Z`);
  return Number.isFinite(at) && at >= 0 ? at : null;
}

/** Times as a field of the browser holds them: local, to the second. */

export function toField(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Null when nothing, or nothing that is a time, was typed. */
export function fromField(text: string): number | null {
  const at = text === "" ? NaN : new Date(text).getTime();
  return Number.isFinite(at) && at >= 0 ? at : null;
}

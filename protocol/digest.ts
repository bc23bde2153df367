/** Identity of one held item for the digest. */
export interface DigestItem {
  readonly id: string;
  readonly revision: number;
}

/**
 * Order-independent digest of the items an agent holds (FNV-1a per item, summed modulo 2^32), so both ends can tell in one number
 * whether they agree. Not a signature.
 */
export function policyDigest(items: Iterable<DigestItem>): number {
  let sum = 0;
  for (const item of items) {
    const text = `${item.id}:${item.revision}`;
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    sum = (sum + (hash >>> 0)) >>> 0;
  }
  return sum;
}

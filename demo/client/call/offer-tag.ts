/**
 * Says which offer an answer belongs to. SDP itself does not, and after a repair that was cut an answer to the offer of
 * then may still come: taken for the answer to the offer of now, it would give the pair credentials that do not match.
 */
const line = /^a=x-offer:([\w-]{1,64})\r?\n/m;

export const taggedSdp = (sdp: string, tag: string): string => `${sdp}a=x-offer:${tag}\r\n`;

/** The SDP as the browser made it, and the tag that travelled with it. */
export function untaggedSdp(tagged: string): { readonly sdp: string; readonly tag: string | null } {
  return { sdp: tagged.replace(line, ''), tag: line.exec(tagged)?.[1] ?? null };
}

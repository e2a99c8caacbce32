import { createHmac, timingSafeEqual } from 'node:crypto';
import { isName, isRecord, parse } from './read-frame.js';

/** What a token allows: to join this room as this user until `exp` (ms, wall clock). */
export interface TokenClaims {
  readonly room: string;
  readonly user: string;
  readonly exp: number;
}

/** `<claims>.<HMAC-SHA256 of claims>`, both base64url. */
export function signToken({ room, user, exp }: TokenClaims, secret: Buffer): string {
  const claims = Buffer.from(JSON.stringify({ room, user, exp })).toString('base64url');
  return `${claims}.${signature(claims, secret).toString('base64url')}`;
}

/** The claims of a token that we signed and that has not expired; else `null`. */
export function readToken(token: string, secret: Buffer, now: number): TokenClaims | null {
  const [claims, signed, ...more] = token.split('.');
  if (claims === undefined || signed === undefined || more.length > 0) return null;
  if (!sameSecret(Buffer.from(signed, 'base64url'), signature(claims, secret))) return null;
  const value = parse(Buffer.from(claims, 'base64url').toString());
  if (!isRecord(value)) return null;
  const { room, user, exp } = value;
  return isName(room) && isName(user) && typeof exp === 'number' && now < exp ? { room, user, exp } : null;
}

/** Compares in constant time. */
export const sameSecret = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

const signature = (claims: string, secret: Buffer): Buffer => createHmac('sha256', secret).update(claims).digest();

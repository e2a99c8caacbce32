/** A transport that cannot join is a mistake of the program, not of the network: no retry mends it. */
export function checkTransport(owner: string, transport: unknown): void {
  const { join } = (transport ?? {}) as { readonly join?: unknown };
  if (typeof join !== 'function') throw new TypeError(`${owner}: transport.join must be a function`);
}

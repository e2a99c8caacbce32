/** Milliseconds that a frame of the page waits before it leaves; frames keep their order. Set by the laboratory. */
export const sending = { delay: (): number => 0 };

/** Puts a WebSocket in the place of the platform's whose frames leave as late as `sending` says. */
export function delaySockets(): void {
  const Platform = WebSocket;

  class Delayed extends Platform {
    #freeAt = 0;

    override send(data: string | BufferSource | Blob): void {
      const now = Date.now();
      const at = Math.max(this.#freeAt, now + sending.delay());
      this.#freeAt = at;
      if (at <= now) super.send(data);
      else
        setTimeout(() => {
          if (this.readyState === Platform.OPEN) super.send(data);
        }, at - now);
    }
  }

  globalThis.WebSocket = Delayed;
}

/** What the address of the page asks for. */
export interface PageOptions {
  readonly users: readonly string[];
  /** `null`: the server's own. */
  readonly room: string | null;
  /** The address of a Janus server to call over, instead of the demo's own. */
  readonly janus: string | null;
  /** The real camera and microphone instead of a drawn picture and a tone. */
  readonly camera: boolean;
  /** Joins as soon as the page is there. */
  readonly autojoin: boolean;
  /** Limits of the room in ms, where the address gives them. */
  readonly limits: Limits;
}

export interface Limits {
  readonly deadline?: number;
  readonly joinDeadline?: number;
  readonly attemptLimit?: number;
  readonly openingLimit?: number;
  readonly probeLimit?: number;
}

const limitNames = ['deadline', 'joinDeadline', 'attemptLimit', 'openingLimit', 'probeLimit'] as const;

/** Reads `?user=A|B&room=…&janus=ws://…&camera&autojoin&deadline=ms…`; both users share the page when none is named. */
export function pageOptions(search: string): PageOptions {
  const query = new URLSearchParams(search);
  const user = query.get('user')?.toUpperCase();
  return {
    users: user === 'A' || user === 'B' ? [user] : ['A', 'B'],
    room: query.get('room'),
    janus: query.get('janus'),
    camera: query.has('camera'),
    autojoin: query.has('autojoin'),
    limits: Object.fromEntries(
      limitNames.flatMap((name) => {
        const value = Number(query.get(name) ?? Number.NaN);
        return value > 0 ? [[name, value]] : [];
      }),
    ),
  };
}

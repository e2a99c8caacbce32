import { randomBytes } from 'node:crypto';
import { closeCodes, type RefusalCode, type SignalData, type UserInfo } from '../protocol.js';
import type { Connection } from './connection.js';
import { changeMembers, nextSession, type EndedSession, type Members, type MembershipEvent } from './membership.js';
import type { RoomServerEvent } from './server-event.js';
import type { RewriteSignal, ServerLimits } from './server-options.js';
import { Session } from './session.js';
import { sameSecret } from './token.js';

export interface LobbyOptions {
  readonly limits: ServerLimits;
  readonly roomNames: readonly string[] | null;
  readonly drawResumeWindow: () => number;
  readonly rewriteSignal: RewriteSignal;
  readonly emit: (event: RoomServerEvent) => void;
}

const none: Members = new Map();

/** All rooms and sessions: acts out what `changeMembers` decides. */
export class Lobby {
  readonly #options: LobbyOptions;
  readonly #rooms = new Map<string, Members>();
  readonly #sessions = new Map<string, Session>();

  constructor(options: LobbyOptions) {
    this.#options = options;
  }

  /** Why this user cannot get in, whoever asks; `null` when there is a place. */
  refusal(room: string, user: string): RefusalCode | null {
    const { limits, roomNames } = this.#options;
    if (roomNames !== null && !roomNames.includes(room)) return 'noSuchRoom';
    const members = this.#rooms.get(room);
    if (members === undefined) return this.#rooms.size >= limits.rooms ? 'busy' : null;
    return !members.has(user) && members.size >= limits.usersPerRoom ? 'roomFull' : null;
  }

  join(connection: Connection, { room, user, replaces }: { room: string; user: string; replaces?: string }): void {
    const { limits, drawResumeWindow, emit } = this.#options;
    const id = nextSession(replaces, () => randomBytes(9).toString('base64url'));
    const session = new Session({ id, room, user, resumeWindow: drawResumeWindow(), keptBytes: limits.keptBytes });
    const before = this.#members(room);
    this.#sessions.set(id, session);
    session.attach(connection);
    connection.send({
      type: 'joined',
      session: id,
      key: session.key,
      resumeWindow: session.resumeWindow,
      users: others(before, user),
    });
    emit({ kind: before.has(user) ? 'replaced' : 'joined', room, user });
    this.#change(room, { kind: 'joins', user, session: id });
  }

  /** `false`: there is no such session, or its missed frames are forgotten. */
  resume(
    connection: Connection,
    { session: id, key, received }: { session: string; key: string; received?: number },
  ): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || !sameSecret(Buffer.from(key), Buffer.from(session.key))) return false;
    const missed = session.missed(received);
    if (missed === null) return false;
    const old = session.end(); // the page knows before us that it is dead
    session.attach(connection);
    old?.destroy();
    connection.send({ type: 'resumed', users: others(this.#members(session.room), session.user) });
    for (const text of missed) connection.sendText(text);
    this.#options.emit({ kind: 'resumed', room: session.room, user: session.user });
    return true;
  }

  leave({ room, user, id }: Session): void {
    this.#change(room, { kind: 'goes', user, session: id, code: 0 });
  }

  /** The socket is gone without a leave. */
  away(session: Session): void {
    const { id, room, user } = session;
    this.#options.emit({ kind: 'away', room, user });
    session.detach(() => this.#change(room, { kind: 'goes', user, session: id, code: 4 }));
  }

  signal(from: Session, to: string, data: SignalData): void {
    const target = this.#find(from.room, to);
    if (target === undefined || target === from) return;
    const relayed = this.#options.rewriteSignal(data, { from: from.user, to });
    if (relayed !== null) target.tell({ type: 'signal', from: from.user, session: from.id, data: relayed });
  }

  kick(room: string, user: string): boolean {
    const session = this.#find(room, user);
    if (session === undefined) return false;
    this.#change(room, { kind: 'goes', user, session: session.id, code: 3 });
    return true;
  }

  close(room: string): boolean {
    if (!this.#rooms.has(room)) return false;
    this.#options.emit({ kind: 'closed', room });
    this.#change(room, { kind: 'closes' });
    return true;
  }

  redispatch(room: string, user: string, endpoint: string): boolean {
    const session = this.#find(room, user);
    session?.tell({ type: 'redispatch', endpoint });
    return session !== undefined;
  }

  /** As after a crash: nobody is told. */
  forget(): void {
    for (const session of this.#sessions.values()) session.end();
    this.#sessions.clear();
    this.#rooms.clear();
  }

  #change(room: string, event: MembershipEvent): void {
    const { members, tell, ended } = changeMembers(this.#members(room), event);
    if (members.size === 0) this.#rooms.delete(room);
    else this.#rooms.set(room, members);
    for (const end of ended) this.#end(end);
    if (tell === null) return;
    if (tell.type === 'userLeft') this.#options.emit({ kind: 'left', room, user: tell.user, code: tell.code });
    const about = 'user' in tell ? tell.user : null;
    for (const member of members.values()) if (member.user !== about) this.#sessions.get(member.session)?.tell(tell);
  }

  #end({ session: id, word }: EndedSession): void {
    const connection = this.#sessions.get(id)?.end();
    this.#sessions.delete(id);
    connection?.end(word === null ? null : { type: word }, word === null ? 1000 : closeCodes[word]);
  }

  #members(room: string): Members {
    return this.#rooms.get(room) ?? none;
  }

  #find(room: string, user: string): Session | undefined {
    return this.#sessions.get(this.#members(room).get(user)?.session ?? '');
  }
}

const others = (members: Members, self: string): UserInfo[] =>
  [...members.values()].filter(({ user }) => user !== self);

/** Ids are numbers, or strings on a server with `string_ids`. */
export type JanusId = number | string;

/** A session description as it travels. */
export interface Jsep {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
}

/** What of an ICE candidate travels; `completed` ends the list. */
export type JanusCandidate = RTCIceCandidateInit | { readonly completed: true };

/** A stream of somebody's; without `mid`, all that they publish. */
export interface FeedStream {
  readonly feed: JanusId;
  readonly mid?: string;
}

interface Access {
  readonly room: JanusId;
  readonly pin?: string;
  readonly token?: string;
}

/** What VideoRoom is asked. */
export type RoomRequest =
  | ({
      readonly request: 'join';
      readonly ptype: 'publisher';
      readonly id?: JanusId;
      readonly display?: string;
    } & Access)
  | ({
      readonly request: 'join';
      readonly ptype: 'subscriber';
      readonly private_id?: number;
      readonly streams: readonly FeedStream[];
    } & Access)
  | { readonly request: 'publish' | 'start' | 'leave' }
  | { readonly request: 'configure'; readonly restart?: true }
  | { readonly request: 'subscribe'; readonly streams: readonly FeedStream[] }
  | { readonly request: 'unsubscribe'; readonly streams: readonly { readonly sub_mid: string }[] }
  | { readonly request: 'listparticipants'; readonly room: JanusId };

/** What the handles of a session are asked; the session adds its own id, the transaction and the secrets. */
export type SessionRequest =
  | { readonly janus: 'detach'; readonly handle_id: JanusId }
  | { readonly janus: 'message'; readonly handle_id: JanusId; readonly body: RoomRequest; readonly jsep?: Jsep }
  | { readonly janus: 'trickle'; readonly handle_id: JanusId; readonly candidate: JanusCandidate };

/** What a server is asked about sessions. */
export type ServerRequest =
  | { readonly janus: 'create' }
  | { readonly janus: 'claim' | 'destroy'; readonly session_id: JanusId }
  | { readonly janus: 'attach'; readonly session_id: JanusId; readonly plugin: 'janus.plugin.videoroom' };

export type JanusRequest = ServerRequest | (SessionRequest & { readonly session_id: JanusId });

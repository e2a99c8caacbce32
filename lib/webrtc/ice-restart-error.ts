/** Why an ICE restart was not made. The connection is as it was. */
export type IceRestartProblem = 'not stable' | 'no answer';

/** The ICE restart was not made: another negotiation is under way, or the exchange ended without an answer. */
export class IceRestartError extends Error {
  override readonly name = 'IceRestartError';

  constructor(
    readonly problem: IceRestartProblem,
    readonly signalingState: string,
  ) {
    super(
      problem === 'not stable'
        ? `another negotiation is under way: the signaling state is ${signalingState}`
        : 'the exchange ended without an answer',
    );
  }
}

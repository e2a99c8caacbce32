import { LinkEndedError } from '../../../lib/core/machine/link-ended-error.js';

describe('LinkEndedError', () => {
  it('J8 says that a join has completed, or what else must not have', () => {
    const error = new LinkEndedError();
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message]).toEqual(['LinkEndedError', 'join completed']);
    expect(new LinkEndedError('request completed without a value').message).toBe('request completed without a value');
  });
});

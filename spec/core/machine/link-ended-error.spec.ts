import { LinkEndedError } from '../../../lib/core/machine/link-ended-error.js';

describe('LinkEndedError', () => {
  it('J8 says that a join has completed', () => {
    const error = new LinkEndedError();
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message]).toEqual(['LinkEndedError', 'the join completed, and with it its link']);
  });
});

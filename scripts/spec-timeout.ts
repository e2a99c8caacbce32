/** A Jasmine helper: how long one spec may take. scripts/specs.ts sets it per group. */
jasmine.DEFAULT_TIMEOUT_INTERVAL = Number(process.env['SPEC_TIMEOUT'] ?? 20_000);

/** A Jasmine helper of mutation testing: properties are tried on the same values every time, so that the same mutants survive. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_260 });

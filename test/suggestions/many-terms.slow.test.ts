import { testManyTerms } from './many-terms.js';

testManyTerms(1000);

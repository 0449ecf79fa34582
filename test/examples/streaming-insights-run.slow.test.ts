import { testLoop } from './streaming-insights-run.js';

testLoop(1000, 200);

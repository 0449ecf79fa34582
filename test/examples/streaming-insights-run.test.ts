import { testLoop } from './streaming-insights-run.js';

testLoop(100, 50);

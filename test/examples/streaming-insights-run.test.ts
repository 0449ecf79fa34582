import { testLoop } from './streaming-insights-run.js';

testLoop(50, 25);

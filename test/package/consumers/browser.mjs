import * as sdk from 'agent-assist-sdk';
import { smoke } from './smoke.mjs';

globalThis.runSmoke = (tenant) => smoke(sdk, tenant);

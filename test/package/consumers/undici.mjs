import * as sdk from 'agent-assist-sdk';
import { NodeTransport } from 'agent-assist-sdk/undici';
import { smoke } from './smoke.mjs';

const transport = new NodeTransport();
class HttpClient extends sdk.HttpClient {
  constructor(options) {
    super({ ...options, transport: transport.send });
  }
}
console.log(JSON.stringify(await smoke({ ...sdk, HttpClient }, JSON.parse(process.env.TENANT))));
await transport[Symbol.asyncDispose]();

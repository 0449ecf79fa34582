// As NestJS compiles by default: CommonJS that requires the package, and a provider for a client.
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const sdk = require('agent-assist-sdk');

class AssistModule {}
const { platform, credentials } = JSON.parse(process.env.TENANT);
Module({
  providers: [
    { provide: sdk.AuthClient, useFactory: () => new sdk.AuthClient({ platform, ...credentials }) },
    {
      provide: sdk.HttpClient,
      useFactory: (auth) => new sdk.HttpClient({ platform, auth }),
      inject: [sdk.AuthClient],
    },
    { provide: sdk.SuggestionsClient, useFactory: (http) => new sdk.SuggestionsClient(http), inject: [sdk.HttpClient] },
  ],
})(AssistModule);

async function main() {
  const app = await NestFactory.createApplicationContext(AssistModule, { logger: false });
  const { smoke } = await import('./smoke.mjs');
  const { AssistStream, AuthClient, HttpClient } = sdk;
  // The call goes through Nest's provider.
  const SuggestionsClient = function () {
    return app.get(sdk.SuggestionsClient);
  };
  console.log(
    JSON.stringify(await smoke({ AssistStream, AuthClient, HttpClient, SuggestionsClient }, { platform, credentials })),
  );
  await app.close();
}
main();

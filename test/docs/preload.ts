// Loaded before a block that is run: `agent-assist-sdk` is the sources, and presets that name no host lead to the tenant
// at TENANT_ORIGIN, so that a program runs as it is printed.
import { registerHooks } from 'node:module';

const sources = new URL('../../src/', import.meta.url).href;
const localPlatforms = new URL('local-platforms.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const own = /^agent-assist-sdk(?:\/(.+))?$/.exec(specifier);
    if (own !== null) return next(`${sources}${own[1] === undefined ? '' : `${own[1]}/`}index.ts`, context);
    const inSources = context.parentURL?.startsWith(sources) === true && /^\.\.?\//.test(specifier);
    if (!inSources) return next(specifier, context);
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL).href;
    return next(url === `${sources}platforms/index.ts` ? localPlatforms : url, context);
  },
});
